import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { alertKey, createTestQueue } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { useQueueFixture } from './support/queue-fixture.ts';

const fixture = useQueueFixture();

async function idle(): Promise<boolean> {
  const { waiting, active, delayed } = await fixture.queue.producer.depth('alert');
  return waiting + active + delayed === 0;
}

describe('the queue', () => {
  it('the queue runs a key once for ten events that come while it waits', async () => {
    const key = alertKey('a');
    for (let event = 0; event < 10; event += 1) await fixture.queue.producer.enqueue([key], 'change');
    expect(await fixture.queue.producer.depth('alert')).toEqual({ waiting: 1, active: 0, delayed: 0 });
    let runs = 0;
    await fixture.queue.work(() => Promise.resolve(void (runs += 1)));
    await until(async () => runs > 0 && (await idle()));
    expect(runs).toBe(1);
  });

  it('the queue runs a key exactly once more for ten events that come while it is running', async () => {
    const key = alertKey('b');
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    let runs = 0;
    await fixture.queue.work(async () => {
      runs += 1;
      if (runs === 1) await gate;
      return undefined;
    });
    await fixture.queue.producer.enqueue([key], 'change');
    await until(() => runs === 1);
    for (let event = 0; event < 10; event += 1) await fixture.queue.producer.enqueue([key], 'change');
    open(undefined);
    await until(async () => runs > 1 && (await idle()));
    expect(runs).toBe(2);
  });

  it('the queue takes each key of a bulk once', async () => {
    const keys = Array.from({ length: 300 }, (_, index) => alertKey(`bulk-${index % 100}`));
    await fixture.queue.producer.enqueue(keys, 'resync');
    expect(await fixture.queue.producer.depth('alert')).toMatchObject({ waiting: 100 });
  });

  it('the queue does not lose an event that comes while a failed run waits for its retry', async () => {
    const key = alertKey('c');
    let state = 'old';
    const seen: string[] = [];
    await fixture.queue.work(() => {
      seen.push(state);
      if (seen.length === 1) throw new Error('not yet');
      return Promise.resolve(undefined);
    });
    await fixture.queue.producer.enqueue([key], 'change');
    await until(async () => (await fixture.queue.producer.depth('alert')).delayed === 1);
    state = 'new';
    await fixture.queue.producer.enqueue([key], 'change');
    await until(async () => seen.length > 1 && (await idle()));
    expect(seen).toEqual(['old', 'new']);
  });

  it('the queue does not lose an event that comes while a run is about to fail', async () => {
    const key = alertKey('d');
    let state = 'old';
    const seen: string[] = [];
    await fixture.queue.work(async () => {
      seen.push(state);
      if (seen.length > 1) return undefined;
      await fixture.queue.producer.enqueue([key], 'change');
      state = 'new';
      throw new Error('not yet');
    });
    await fixture.queue.producer.enqueue([key], 'change');
    await until(async () => seen.length > 1 && (await idle()));
    expect(seen.slice(1)).toContain('new');
  });

  it('the queue runs a key again after its job has failed for good', async () => {
    const key = alertKey('e');
    let runs = 0;
    await fixture.queue.work(() => {
      runs += 1;
      if (runs === 1) throw Object.assign(new Error('never'), { retry: { kind: 'terminal' } });
      return Promise.resolve(undefined);
    });
    await fixture.queue.producer.enqueue([key], 'change');
    await until(async () => runs === 1 && (await idle()));
    expect(await fixture.queue.deadLetters.list()).toMatchObject([
      { key: 'alert/monitoring/e', kind: 'terminal', attempts: 1 },
    ]);
    await fixture.queue.producer.enqueue([key], 'change');
    await until(async () => runs === 2 && (await idle()));
    expect(await fixture.queue.deadLetters.list()).toEqual([]);
  });
});

describe('two workers under load', () => {
  it('two workers under load never run the same key at once, and miss no event', async () => {
    const other = createTestQueue(fixture.server.url, fixture.queue.prefix);
    await other.ready();
    const keys = Array.from({ length: 5 }, (_, index) => alertKey(`k${index}`));
    const seen = new Map<string, number>();
    let version = 0;
    let overlaps = 0;
    const reconcile = async ({ name }: { name: string }) => {
      const lock = `overlap:${fixture.queue.prefix}:${name}`;
      if ((await fixture.server.client.incr(lock)) > 1) overlaps += 1;
      const read = version;
      await sleep(Math.random() * 5);
      await fixture.server.client.decr(lock);
      if (Math.random() < 0.1) throw Object.assign(new Error('again'), { retry: { kind: 'retryable', afterMs: 1 } });
      seen.set(name, read);
      return Math.random() < 0.3 ? { requeueAfterMs: 1 } : undefined;
    };
    try {
      for (const one of [fixture.queue, other]) {
        await one.startTimers();
        await one.work(reconcile);
      }
      for (version = 1; version < 300; version += 1) {
        await (version % 2 === 0 ? fixture.queue : other).producer.enqueue(keys, 'change');
      }
      await fixture.queue.producer.enqueue(keys, 'change');
      await until(() => keys.every(({ name }) => seen.get(name) === 300));
    } finally {
      await other.close();
    }
    expect(overlaps).toBe(0);
  }, 30_000);
});
