import { beforeEach, expect, it } from '@jest/globals';
import { runCli } from '../../cli/program.ts';
import { createCommandContext } from '../fakes/command-context.ts';
import { useQueueFixture } from './support/queue-fixture.ts';

const fixture = useQueueFixture();

beforeEach(async () => {
  const common = { kind: 'unknown', attempts: 8, error: 'no\nanswer' };
  await fixture.queue.deadLetters.record({ ...common, key: 'alert/monitoring/a', time: '2026-01-01T00:00:00.000Z' });
  await fixture.queue.deadLetters.record({ ...common, key: 'rule/monitoring/b', time: '2026-01-02T00:00:00.000Z' });
});

async function run(...argv: string[]) {
  const env = { AEGIS_REDIS_URL: fixture.server.url, AEGIS_QUEUE_PREFIX: fixture.queue.prefix };
  const { context, written } = createCommandContext({ env });
  const code = await runCli(['dead-letters', ...argv], context);
  return { code, ...written };
}

it('aegis dead-letters lists one key per line, newest first', async () => {
  const { code, out } = await run();
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'KEY                  KIND      ATTEMPTS   TIME                       ERROR',
    'rule/monitoring/b    unknown   8          2026-01-02T00:00:00.000Z   no answer',
    'alert/monitoring/a   unknown   8          2026-01-01T00:00:00.000Z   no answer',
    '',
  ]);
});

it('aegis dead-letters lists keys as JSON', async () => {
  const { out } = await run('--output=json');
  expect(JSON.parse(out)).toMatchObject([{ key: 'rule/monitoring/b' }, { key: 'alert/monitoring/a', attempts: 8 }]);
});

it('aegis dead-letters retry enqueues a key and removes its dead letter', async () => {
  const { code, err } = await run('--retry', '--keys=alert/monitoring/a');
  expect(code).toBe(0);
  expect(err).toBe('Enqueued 1 again.\n');
  expect(await fixture.queue.producer.depth('alert')).toMatchObject({ waiting: 1 });
  expect(await fixture.queue.deadLetters.list()).toMatchObject([{ key: 'rule/monitoring/b' }]);
});

it('aegis dead-letters retry refuses a key that is no dead letter', async () => {
  expect(await run('--retry', '--keys=alert/monitoring/x')).toMatchObject({
    code: 2,
    err: expect.stringContaining('alert/monitoring/x is not a dead letter'),
  });
});
