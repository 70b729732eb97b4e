import { z } from 'zod';
import { ConfigError } from '../../process/config.ts';
import type { DeadLetter } from '../../queue/dead-letters/store.ts';
import { commandBody, settingsCommand } from '../command.ts';
import { outputSetting } from '../shared-settings.ts';

const description = 'List the objects that Aegis gave up on after repeated failures; --retry enqueues them again.';

export const deadLettersCommand = settingsCommand({ name: 'dead-letters', description }, async () => {
  const { RedisConfig } = await import('../../queue/settings.ts');
  const { openDeadLetters } = await import('../../queue/dead-letter-client.ts');
  const schema = RedisConfig.extend({
    ...outputSetting(['table', 'json']),
    retry: z.boolean().default(false).meta({ description: 'enqueue the listed objects again' }),
    keys: z
      .array(z.string())
      .default([])
      .meta({ description: 'comma-separated keys, each kind/namespace/name; default: all' }),
  });
  return commandBody({
    schema,
    run: async ({ config: { output, retry, keys, ...redis }, print, complain }) => {
      const client = await openDeadLetters(redis);
      try {
        const all = await client.list();
        const unknown = keys.filter((key) => !all.some((letter) => letter.key === key));
        if (unknown.length > 0) throw new ConfigError(unknown.map((key) => `--keys: ${key} is not a dead letter`));
        const letters = keys.length === 0 ? all : all.filter(({ key }) => keys.includes(key));
        print(output === 'json' ? `${JSON.stringify(letters, undefined, 2)}\n` : table(letters));
        if (retry) {
          await client.retry(letters);
          complain(`Enqueued ${letters.length} again.\n`);
        }
        return 0;
      } finally {
        await client.close();
      }
    },
  });
});

function table(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return 'No dead letters.\n';
  const rows = letters.map(({ key, kind, attempts, time, error }) => [
    key,
    kind,
    String(attempts),
    time,
    oneLine(error),
  ]);
  const all = [['KEY', 'KIND', 'ATTEMPTS', 'TIME', 'ERROR'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}\n`).join('');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
