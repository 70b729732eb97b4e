import { describe, expect, it } from '@jest/globals';
import { alertKey } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { useQueueFixture } from './support/queue-fixture.ts';

const fixture = useQueueFixture();

function keys(prefix: string) {
  return Array.from({ length: 20 }, (_, index) => alertKey(`${prefix}-${index}`));
}

describe('a queue with more keys than lanes', () => {
  it('a queue with more keys than lanes runs remediations first, then records, and resyncs last', async () => {
    const { producer } = fixture.queue;
    await producer.enqueue(keys('resync'), 'resync');
    await producer.enqueue(keys('record'), 'record');
    await producer.enqueue(keys('change'), 'change');
    expect(await producer.depth('alert')).toMatchObject({ waiting: 60 });
    const runs: string[] = [];
    await fixture.queue.work(({ name }) => Promise.resolve(void runs.push(name)), { concurrency: 1 });
    await until(() => runs.length === 60);
    expect(runs).toEqual([...keys('change'), ...keys('record'), ...keys('resync')].map(({ name }) => name));
  });

  it('a queue runs keys that call for no action last, also when they came long before', async () => {
    const { producer } = fixture.queue;
    await producer.enqueue(keys('unmatched'), 'unmatched');
    await producer.enqueue(keys('resync'), 'resync');
    await producer.enqueue(keys('change'), 'change');
    const runs: string[] = [];
    await fixture.queue.work(({ name }) => Promise.resolve(void runs.push(name)), { concurrency: 1 });
    await until(() => runs.length === 60);
    expect(runs).toEqual([...keys('change'), ...keys('resync'), ...keys('unmatched')].map(({ name }) => name));
  });

  it('a queue moves a key up that has become urgent, and runs it once', async () => {
    const { producer } = fixture.queue;
    await producer.enqueue(keys('unmatched'), 'unmatched');
    await producer.enqueue(keys('change'), 'change');
    await producer.enqueue([alertKey('unmatched-19')], 'change');
    const runs: string[] = [];
    await fixture.queue.work(({ name }) => Promise.resolve(void runs.push(name)), { concurrency: 1 });
    await until(() => runs.length === 40);
    expect(runs.indexOf('unmatched-19')).toBeLessThan(21);
    expect(runs.filter((name) => name === 'unmatched-19')).toHaveLength(1);
  });

  it('a queue with more keys than lanes keeps its order for keys that come while they run', async () => {
    const { producer } = fixture.queue;
    const runs: string[] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    await fixture.queue.work(
      async ({ name }) => {
        runs.push(name);
        if (runs.length === 1) await gate;
        return undefined;
      },
      { concurrency: 1 },
    );
    await producer.enqueue([alertKey('busy')], 'change');
    await until(() => runs.length === 1);
    await producer.enqueue([alertKey('busy')], 'record');
    await producer.enqueue(keys('change'), 'change');
    open(undefined);
    await until(() => runs.length === 22);
    expect(runs.at(-1)).toBe('busy');
  });
});
