import { describe, expect, it } from '@jest/globals';
import { alertKey } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { useQueueFixture } from './support/queue-fixture.ts';

const fixture = useQueueFixture();

function failure(retry: object): Error {
  return Object.assign(new Error('refused by https://user:hunter2@host'), { retry });
}

describe('a run that fails', () => {
  it('a failed run is retried after the time that its error names', async () => {
    let runs = 0;
    await fixture.queue.work(() => {
      runs += 1;
      if (runs === 1) throw failure({ kind: 'retryable', afterMs: 60_000 });
      return Promise.resolve(undefined);
    });
    await fixture.queue.producer.enqueue([alertKey('a')], 'change');
    await until(async () => (await fixture.queue.producer.depth('alert')).delayed === 1);
    const delayMs = await dueInMs('alert');
    expect(delayMs).toBeGreaterThan(50_000);
    expect(delayMs).toBeLessThan(67_000);
  });

  it('a run that fails eight times becomes a dead letter without credentials, and is retried later', async () => {
    let runs = 0;
    await fixture.queue.work(() => {
      runs += 1;
      throw failure({ kind: 'retryable', afterMs: 0 });
    });
    await fixture.queue.producer.enqueue([alertKey('b')], 'change');
    await until(async () => (await fixture.queue.deadLetters.list()).length > 0);
    const [letter] = await fixture.queue.deadLetters.list();
    expect(runs).toBe(8);
    expect(letter).toMatchObject({ key: 'alert/monitoring/b', attempts: 8, kind: 'retryable' });
    expect(letter?.error).toBe('refused by https://***@host');
    expect(await fixture.queue.deadLetters.refresh()).toEqual({ alert: 1 });
    await until(async () => (await fixture.queue.producer.depth('timers')).delayed === 1);
  });

  it('a run with a terminal error is not retried', async () => {
    let runs = 0;
    await fixture.queue.work(() => {
      runs += 1;
      throw failure({ kind: 'terminal' });
    });
    await fixture.queue.producer.enqueue([alertKey('c')], 'change');
    await until(async () => (await fixture.queue.deadLetters.list()).length > 0);
    await until(async () => Object.values(await fixture.queue.producer.depth('alert')).every((count) => count === 0));
    expect(runs).toBe(1);
    expect((await fixture.queue.producer.depth('timers')).delayed).toBe(0);
    const errors = await fixture.queue.registry.getSingleMetricAsString('aegis_reconcile_errors_total');
    expect(errors).toContain('{controller="alert",kind="terminal"} 1');
  });

  it('a run is aborted at its deadline', async () => {
    const reasons: unknown[] = [];
    await fixture.queue.work(
      (_key, signal) =>
        new Promise((resolve, reject) => {
          if (reasons.length > 0) resolve(undefined);
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          });
        }),
      { deadlineMs: 20 },
    );
    await fixture.queue.producer.enqueue([alertKey('d')], 'change');
    await until(() => reasons.length === 1);
    expect(reasons).toMatchObject([{ name: 'DeadlineExceededError' }]);
    await until(async () => Object.values(await fixture.queue.producer.depth('alert')).every((count) => count === 0));
  });
});

describe('a timer', () => {
  it('a timer enqueues its key at its time', async () => {
    let runs = 0;
    await fixture.queue.startTimers();
    await fixture.queue.work(() => {
      runs += 1;
      return Promise.resolve(runs < 3 ? { requeueAfterMs: 5 } : undefined);
    });
    await fixture.queue.producer.enqueue([alertKey('e')], 'change');
    await until(() => runs === 3);
    expect((await fixture.queue.producer.depth('timers')).delayed).toBe(0);
  });

  it('a timer takes the newest time of its key', async () => {
    let runs = 0;
    await fixture.queue.startTimers();
    await fixture.queue.work(() => Promise.resolve(void (runs += 1)));
    await fixture.queue.producer.requeueAfter(alertKey('f'), 3_600_000);
    await fixture.queue.producer.requeueAfter(alertKey('f'), 5);
    await until(() => runs === 1);
    await fixture.queue.producer.requeueAfter(alertKey('f'), 50);
    await fixture.queue.producer.requeueAfter(alertKey('f'), 3_600_000);
    expect(await fixture.queue.producer.depth('timers')).toMatchObject({ delayed: 1 });
    expect(await dueInMs('timers')).toBeGreaterThan(3_000_000);
  });
});

describe('a worker that stops', () => {
  it('a worker that stops lets runs end', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    let ended = false;
    const worker = await fixture.queue.work(async () => {
      await gate;
      ended = true;
      return undefined;
    });
    await fixture.queue.producer.enqueue([alertKey('g')], 'change');
    await until(async () => (await fixture.queue.producer.depth('alert')).active === 1);
    const stopping = worker.stop();
    expect(worker.state()).toBe('draining');
    open(undefined);
    await stopping;
    expect(ended).toBe(true);
    expect(worker.state()).toBe('drained');
  });

  it('a worker that stops cancels runs that do not end in time, and leaves their keys to other workers', async () => {
    const worker = await fixture.queue.work(
      (_key, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('stopped'));
          });
        }),
      { drainMs: 20 },
    );
    await fixture.queue.producer.enqueue([alertKey('h')], 'change');
    await until(async () => (await fixture.queue.producer.depth('alert')).active === 1);
    await worker.stop();
    expect(worker.state()).toBe('drained');
    expect(await fixture.queue.producer.depth('alert')).toEqual({ waiting: 1, active: 0, delayed: 0 });
  });

  it('a worker that stops abandons a run that ignores its cancellation', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const worker = await fixture.queue.work(() => gate, { drainMs: 20 });
    await fixture.queue.producer.enqueue([alertKey('i')], 'change');
    await until(async () => (await fixture.queue.producer.depth('alert')).active === 1);
    await expect(worker.stop()).rejects.toThrow('other workers take over their keys');
    expect(worker.state()).toBe('failed');
    open(undefined);
  });
});

/** Milliseconds until the only delayed job of a queue; BullMQ keeps the time in the upper bits of the score. */
async function dueInMs(name: string): Promise<number> {
  const delayed = `${fixture.queue.prefix}:${name}:delayed`;
  const ids = await fixture.server.client.zrange(delayed, '0', '-1');
  expect(ids).toHaveLength(1);
  return Number(await fixture.server.client.zscore(delayed, ids[0] ?? '')) / 4096 - Date.now();
}
