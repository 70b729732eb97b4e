import { z } from 'zod';
import { ConfigError, readConfig } from '../../process/config.ts';
import type { DeadLetter } from '../../queue/dead-letters/store.ts';
import { flagsCommand } from '../flags-command.ts';
import type { CommandFactory } from '../command-factory.ts';

const description = 'Lists the objects that were given up after repeated failures, and tries them again with --retry.';

export const deadLettersCommand: CommandFactory = (context, onExit) =>
  flagsCommand({ name: 'dead-letters', description }, context, onExit, async () => {
    const { RedisConfig } = await import('../../queue/settings.ts');
    const { openDeadLetters } = await import('../../queue/dead-letter-client.ts');
    const schema = RedisConfig.extend({
      output: z.enum(['table', 'json']).default('table').meta({ description: 'format of the list' }),
      retry: z.boolean().default(false).meta({ description: 'enqueue what is listed once more' }),
      keys: z
        .array(z.string())
        .default([])
        .meta({ description: 'only these, as kind/namespace/name; all when absent' }),
    });
    return {
      schema,
      run: async (argv, env) => {
        const { output, retry, keys, ...redis } = readConfig(schema, argv, env);
        const office = await openDeadLetters(redis);
        try {
          const all = await office.list();
          const unknown = keys.filter((key) => !all.some((letter) => letter.key === key));
          if (unknown.length > 0) throw new ConfigError(unknown.map((key) => `--keys: ${key} is not a dead letter`));
          const letters = keys.length === 0 ? all : all.filter(({ key }) => keys.includes(key));
          context.print(output === 'json' ? `${JSON.stringify(letters, undefined, 2)}\n` : table(letters));
          if (retry) {
            await office.retry(letters);
            context.complain(`Enqueued ${letters.length} again.\n`);
          }
          return 0;
        } finally {
          await office.close();
        }
      },
    };
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
