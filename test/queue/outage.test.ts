import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EnqueueLoop } from '../../queue/enqueue/loop.ts';
import { alertKey, createTestQueue } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { createFakeSource, type FakeSource } from './support/fake-source.ts';
import { useQueueFixture } from './support/queue-fixture.ts';

const fixture = useQueueFixture();
let things: FakeSource;
let loop: EnqueueLoop;
let runs: string[];

beforeEach(() => {
  things = createFakeSource();
  loop = fixture.queue.createLoop({ sources: [things] });
  runs = [];
});

const noteRun = ({ name }: { name: string }) => {
  runs.push(name);
  return Promise.resolve(undefined);
};

/** As the schedule of a process does each second. */
async function tickUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(async () => {
    await loop.tick();
    return condition();
  });
}

async function epoch(): Promise<string> {
  return (await fixture.server.client.get(`${fixture.queue.prefix}:epoch`)) ?? '';
}

describe('the leader', () => {
  it('the leader enqueues everything on a new Redis, and every change from then on', async () => {
    things.set('a');
    things.set('b', true);
    await fixture.queue.work(noteRun);
    loop.startLeading();
    await tickUntil(() => runs.length === 2);
    expect(runs.sort()).toEqual(['a', 'b']);
    await tickUntil(async () => (await epoch()).startsWith('done:'));
    things.set('c', true);
    await until(() => runs.includes('c'));
  });

  it('the leader enqueues only unsettled objects when it takes over', async () => {
    await fixture.server.client.set(`${fixture.queue.prefix}:epoch`, 'done:earlier');
    things.set('a');
    things.set('b', true);
    await fixture.queue.work(noteRun);
    loop.startLeading();
    await tickUntil(() => runs.length > 0);
    await tickUntil(async () => (await fixture.queue.producer.depth('alert')).active === 0);
    expect(runs).toEqual(['a']);
  });

  it('the leader finishes the resync of its predecessor', async () => {
    await fixture.server.client.set(`${fixture.queue.prefix}:epoch`, 'pending:earlier');
    things.set('b', true);
    await fixture.queue.work(noteRun);
    loop.startLeading();
    await tickUntil(() => runs.length > 0);
    expect(runs).toEqual(['b']);
  });

  it('the leader enqueues unsettled objects periodically', async () => {
    await fixture.server.client.set(`${fixture.queue.prefix}:epoch`, 'done:earlier');
    loop = fixture.queue.createLoop({ sources: [things], resyncIntervalMs: 1 });
    things.set('a');
    await fixture.queue.work(noteRun);
    loop.startLeading();
    await tickUntil(() => runs.length >= 3);
    expect(new Set(runs)).toEqual(new Set(['a']));
  });

  it('the leader enqueues everything again, timers included, when Redis loses its data', async () => {
    const runsOfKey = new Map<string, number>();
    await fixture.queue.work(({ name }) => {
      runsOfKey.set(name, (runsOfKey.get(name) ?? 0) + 1);
      return Promise.resolve({ requeueAfterMs: 3_600_000 });
    });
    for (let index = 0; index < 50; index += 1) things.set(`a${index}`, true);
    loop.startLeading();
    await tickUntil(async () => runsOfKey.size === 50 && (await epoch()).startsWith('done:'));
    await until(async () => (await fixture.queue.producer.depth('timers')).delayed === 50);
    await fixture.server.client.flushall();
    await tickUntil(async () => (await fixture.queue.producer.depth('timers')).delayed === 50);
    expect([...runsOfKey.values()].every((count) => count >= 2)).toBe(true);
    things.set('later');
    await until(() => runsOfKey.has('later'));
  });

  it('the leader repeats a resync during which Redis was wiped', async () => {
    await tickUntil(() => true);
    const finish = await fixture.queue.redis.beginFullResync();
    await fixture.server.client.flushall();
    expect(await finish()).toBe(false);
    await fixture.queue.redis.tick();
    expect(fixture.queue.redis.suspicion()).toBe('wiped');
  });

  it('the leader blocks no caller and remembers changes while Redis is away', async () => {
    await fixture.queue.work(noteRun);
    loop.startLeading();
    await tickUntil(async () => (await epoch()).startsWith('done:'));
    await fixture.server.kill();
    for (let index = 0; index < 1_000; index += 1) things.set(`lost${index}`);
    await loop.tick();
    expect(() => fixture.queue.redis.check.check()).toThrow('no answer');
    await expect(fixture.queue.producer.enqueue([alertKey('x')], 'change')).rejects.toThrow();
    expect(await fixture.queue.registry.getSingleMetricAsString('aegis_redis_up')).toMatch(/aegis_redis_up 0/);
    await fixture.server.start();
    await tickUntil(() => new Set(runs).size >= 1_000);
    expect(fixture.queue.redis.check.check()).toBeUndefined();
  }, 30_000);

  it('the leader can be started before Redis', async () => {
    await fixture.queue.close();
    await fixture.server.kill();
    fixture.queue = createTestQueue(fixture.server.url);
    loop = fixture.queue.createLoop({ sources: [things] });
    things.set('early');
    await fixture.queue.work(noteRun);
    loop.startLeading();
    await loop.tick();
    await fixture.server.start();
    await tickUntil(() => runs.includes('early'));
  }, 30_000);
});

describe('a change that cannot be enqueued while Redis seems well', () => {
  it('a change that cannot be enqueued while Redis seems well is covered by a resync', async () => {
    let refusals = 1;
    const { producer } = fixture.queue;
    loop = fixture.queue.createLoop({
      sources: [things],
      producer: {
        ...producer,
        enqueue: (keys, reason) =>
          reason === 'change' && refusals-- > 0 ? Promise.reject(new Error('no')) : producer.enqueue(keys, reason),
      },
    });
    await fixture.queue.work(noteRun);
    loop.startLeading();
    await tickUntil(async () => (await epoch()).startsWith('done:'));
    things.set('a', true);
    await tickUntil(() => runs.includes('a'));
    expect(await fixture.queue.registry.getSingleMetricAsString('aegis_enqueue_failures_total')).toMatch(/_total 1/);
  });
});

describe('a follower', () => {
  it('a follower repeats only a key that it ran before it saw the change', async () => {
    await fixture.queue.work(noteRun);
    await fixture.queue.producer.enqueue([alertKey('mine')], 'change');
    await until(() => runs.length === 1);
    things.set('foreign');
    things.set('mine');
    await until(() => runs.length === 2);
    expect(runs).toEqual(['mine', 'mine']);
  });
});

describe('the loop', () => {
  it('the enqueue loop is alive only while it ticks', () => {
    let now = 0;
    const clock = { now: () => new Date(0), monotonicMs: () => now, sleep: () => Promise.resolve() };
    loop = fixture.queue.createLoop({ sources: [things], clock });
    expect(loop.check.check()).toBeUndefined();
    now = 20_000;
    expect(() => loop.check.check()).toThrow('no tick for 20 s');
  });
});
