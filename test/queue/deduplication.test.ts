import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { alertKey, createBench } from './support/bench.ts';
import { until } from './support/eventually.ts';
import { useQueueWorld } from './support/queue-world.ts';

const queue = useQueueWorld();

async function idle(): Promise<boolean> {
  const { waiting, active, delayed } = await queue.bench.producer.depth('alert');
  return waiting + active + delayed === 0;
}

describe('the queue', () => {
  it('the queue runs a key once for ten events that come while it waits', async () => {
    const key = alertKey('a');
    for (let event = 0; event < 10; event += 1) await queue.bench.producer.enqueue([key], 'change');
    expect(await queue.bench.producer.depth('alert')).toEqual({ waiting: 1, active: 0, delayed: 0 });
    let runs = 0;
    await queue.bench.work(() => Promise.resolve(void (runs += 1)));
    await until(async () => runs > 0 && (await idle()));
    expect(runs).toBe(1);
  });

  it('the queue runs a key exactly once more for ten events that come while it is running', async () => {
    const key = alertKey('b');
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    let runs = 0;
    await queue.bench.work(async () => {
      runs += 1;
      if (runs === 1) await gate;
      return undefined;
    });
    await queue.bench.producer.enqueue([key], 'change');
    await until(() => runs === 1);
    for (let event = 0; event < 10; event += 1) await queue.bench.producer.enqueue([key], 'change');
    open(undefined);
    await until(async () => runs > 1 && (await idle()));
    expect(runs).toBe(2);
  });

  it('the queue takes each key of a bulk once', async () => {
    const keys = Array.from({ length: 300 }, (_, index) => alertKey(`bulk-${index % 100}`));
    await queue.bench.producer.enqueue(keys, 'resync');
    expect(await queue.bench.producer.depth('alert')).toMatchObject({ waiting: 100 });
  });

  it('the queue does not lose an event that comes while a failed run waits for its retry', async () => {
    const key = alertKey('c');
    let world = 'old';
    const seen: string[] = [];
    await queue.bench.work(() => {
      seen.push(world);
      if (seen.length === 1) throw new Error('not yet');
      return Promise.resolve(undefined);
    });
    await queue.bench.producer.enqueue([key], 'change');
    await until(async () => (await queue.bench.producer.depth('alert')).delayed === 1);
    world = 'new';
    await queue.bench.producer.enqueue([key], 'change');
    await until(async () => seen.length > 1 && (await idle()));
    expect(seen).toEqual(['old', 'new']);
  });

  it('the queue does not lose an event that comes while a run is about to fail', async () => {
    const key = alertKey('d');
    let world = 'old';
    const seen: string[] = [];
    await queue.bench.work(async () => {
      seen.push(world);
      if (seen.length > 1) return undefined;
      await queue.bench.producer.enqueue([key], 'change');
      world = 'new';
      throw new Error('not yet');
    });
    await queue.bench.producer.enqueue([key], 'change');
    await until(async () => seen.length > 1 && (await idle()));
    expect(seen.slice(1)).toContain('new');
  });

  it('the queue runs a key again after its job has failed for good', async () => {
    const key = alertKey('e');
    let runs = 0;
    await queue.bench.work(() => {
      runs += 1;
      if (runs === 1) throw Object.assign(new Error('never'), { retry: { kind: 'terminal' } });
      return Promise.resolve(undefined);
    });
    await queue.bench.producer.enqueue([key], 'change');
    await until(async () => runs === 1 && (await idle()));
    expect(await queue.bench.deadLetters.list()).toMatchObject([
      { key: 'alert/monitoring/e', kind: 'terminal', attempts: 1 },
    ]);
    await queue.bench.producer.enqueue([key], 'change');
    await until(async () => runs === 2 && (await idle()));
    expect(await queue.bench.deadLetters.list()).toEqual([]);
  });
});

describe('two workers under load', () => {
  it('two workers under load never run the same key at once, and miss no event', async () => {
    const other = createBench(queue.server.url, queue.bench.prefix);
    await other.ready();
    const keys = Array.from({ length: 5 }, (_, index) => alertKey(`k${index}`));
    const seen = new Map<string, number>();
    let world = 0;
    let overlaps = 0;
    const reconcile = async ({ name }: { name: string }) => {
      const lock = `overlap:${queue.bench.prefix}:${name}`;
      if ((await queue.server.client.incr(lock)) > 1) overlaps += 1;
      const read = world;
      await sleep(Math.random() * 5);
      await queue.server.client.decr(lock);
      if (Math.random() < 0.1) throw Object.assign(new Error('again'), { retry: { kind: 'retryable', afterMs: 1 } });
      seen.set(name, read);
      return Math.random() < 0.3 ? { requeueAfterMs: 1 } : undefined;
    };
    try {
      for (const one of [queue.bench, other]) {
        await one.startTimers();
        await one.work(reconcile);
      }
      for (world = 1; world < 300; world += 1) {
        await (world % 2 === 0 ? queue.bench : other).producer.enqueue(keys, 'change');
      }
      await queue.bench.producer.enqueue(keys, 'change');
      await until(() => keys.every(({ name }) => seen.get(name) === 300));
    } finally {
      await other.close();
    }
    expect(overlaps).toBe(0);
  }, 30_000);
});
