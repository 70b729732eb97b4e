import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { createFakeClock, settle, type FakeClock } from '../../test/kube/fake-clock.ts';
import { createFakeLogger } from '../../test/kube/things.ts';
import { ApiError } from '../client/api-error.ts';
import { electLeader } from './election.ts';
import type { Lease } from '../kinds/lease.ts';
import { createKubeMetrics } from '../metrics.ts';

/** An API server with one Lease. */
function createLeaseStore() {
  let stored: Lease | undefined;
  let version = 0;
  let failing = false;
  const fail = () => {
    if (failing) throw new ApiError({ status: 0, reason: 'NoAnswer', message: 'down', retry: { kind: 'retryable' } });
  };
  const conflict = (reason: string) =>
    new ApiError({ status: 409, reason, message: reason, retry: { kind: 'conflict' } });
  const keep = (lease: Lease): Lease => {
    stored = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++version) } };
    return stored;
  };
  const call = async (act: () => Lease | undefined) => {
    await settle();
    fail();
    return act();
  };
  return {
    lease: () => stored,
    fail: (now: boolean) => {
      failing = now;
    },
    client: {
      find: () => call(() => stored),
      create: (lease: Lease) =>
        call(() => {
          if (stored !== undefined) throw conflict('AlreadyExists');
          return keep(lease);
        }) as Promise<Lease>,
      replace: (lease: Lease) =>
        call(() => {
          if (stored?.metadata.resourceVersion !== lease.metadata.resourceVersion) throw conflict('Conflict');
          return keep(lease);
        }) as Promise<Lease>,
    },
    annotate: () => keep({ ...(stored as Lease) }),
  };
}

type Store = ReturnType<typeof createLeaseStore>;

function candidate(store: Store, identity: string, clock: FakeClock, work?: (signal: AbortSignal) => Promise<void>) {
  const stop = new AbortController();
  const log: string[] = [];
  const registry = new Registry();
  const election = electLeader({
    client: store.client,
    namespace: 'ns',
    name: 'aegis-worker',
    identity,
    clock,
    logger: createFakeLogger(),
    metrics: createKubeMetrics(registry),
    random: () => 1,
    onStartedLeading: (signal) => {
      log.push('started');
      if (work !== undefined) return work(signal);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          log.push('aborted');
          resolve();
        });
      });
    },
    onStoppedLeading: (why) => log.push(why),
  });
  const done = election.run(stop.signal);
  const gauge = async () => (await registry.getSingleMetric('aegis_leader')?.get())?.values[0]?.value;
  return { election, log, stop, done, gauge };
}

/** Lets the same time pass on several clocks. */
async function pass(ms: number, ...clocks: FakeClock[]) {
  for (let passed = 0; passed < ms; passed += 500) {
    for (const clock of clocks) await clock.advance(500);
  }
}

describe('the election', () => {
  it('an election has one leader, which writes a standard Lease', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const [a, b] = [candidate(store, 'a', clock), candidate(store, 'b', clock)];
    await pass(60_000, clock);
    expect([a.election.isLeader(), b.election.isLeader()]).toEqual([true, false]);
    expect([a.log, b.log]).toEqual([['started'], []]);
    expect([await a.gauge(), await b.gauge()]).toEqual([1, 0]);
    expect(store.lease()).toMatchObject({
      metadata: { namespace: 'ns', name: 'aegis-worker' },
      spec: {
        holderIdentity: 'a',
        leaseDurationSeconds: 15,
        acquireTime: '2026-01-01T00:00:00.000000Z',
        leaseTransitions: 0,
      },
    });
    expect(store.lease()?.spec?.renewTime).toMatch(/^2026-01-01T00:0[01]:\d\d\.\d{6}Z$/);
  });

  it('leadership passes to another candidate within two seconds of a clean stop', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const [a, b] = [candidate(store, 'a', clock), candidate(store, 'b', clock)];
    await pass(10_000, clock);
    a.stop.abort();
    await a.done;
    expect(a.log).toEqual(['started', 'aborted', 'released']);
    expect(store.lease()?.spec?.holderIdentity).toBeUndefined();
    await pass(2_000, clock);
    expect([a.election.isLeader(), b.election.isLeader()]).toEqual([false, true]);
    expect(store.lease()?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it.each([[-3_600_000], [3_600_000]])(
    'leadership passes to another candidate 15 seconds after the leader died, although clocks differ by %i ms',
    async (skewMs) => {
      const store = createLeaseStore();
      const [clockA, clockB] = [createFakeClock(), createFakeClock({ skewMs })];
      const [a, b] = [candidate(store, 'a', clockA), candidate(store, 'b', clockB)];
      await pass(20_000, clockA, clockB);
      expect([a.election.isLeader(), b.election.isLeader()]).toEqual([true, false]);
      // From here on a's time stands still: it is dead.
      await pass(12_500, clockB);
      expect(b.election.isLeader()).toBe(false);
      await pass(7_500, clockB);
      expect(b.election.isLeader()).toBe(true);
    },
  );

  it('a leader that was paused loses the leadership as soon as it resumes', async () => {
    const store = createLeaseStore();
    const [clockA, clockB] = [createFakeClock(), createFakeClock()];
    const [a, b] = [candidate(store, 'a', clockA), candidate(store, 'b', clockB)];
    await pass(4_000, clockA, clockB);
    await pass(30_000, clockB);
    expect(b.election.isLeader()).toBe(true);
    b.stop.abort();
    await b.done;
    // The Lease is free again, yet a may not go on as if nothing had happened.
    const waking = clockA.jump(30_000);
    expect(a.election.isLeader()).toBe(false);
    await waking;
    expect(a.log.slice(0, 3)).toEqual(['started', 'aborted', 'lost']);
  });

  it('a leader that cannot renew resigns five seconds before another candidate can lead', async () => {
    const store = createLeaseStore();
    const [clockA, clockB] = [createFakeClock(), createFakeClock()];
    const [a, b] = [candidate(store, 'a', clockA), candidate(store, 'b', clockB)];
    await pass(4_000, clockA, clockB);
    store.fail(true);
    await pass(10_000, clockA, clockB);
    expect(a.election.isLeader()).toBe(false);
    expect(a.log).toEqual(['started', 'aborted', 'lost']);
    expect(b.log).toEqual([]);
    store.fail(false);
    await pass(20_000, clockA, clockB);
    expect(Number(a.election.isLeader()) + Number(b.election.isLeader())).toBe(1);
  });

  it('a leader keeps the leadership when the API server is away for a few seconds', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const a = candidate(store, 'a', clock);
    await pass(4_000, clock);
    store.fail(true);
    await pass(5_000, clock);
    store.fail(false);
    await pass(20_000, clock);
    expect(a.log).toEqual(['started']);
    expect(a.election.isLeader()).toBe(true);
  });

  it('a leader keeps the leadership when another client changes the Lease but not its holder', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const a = candidate(store, 'a', clock);
    await pass(4_000, clock);
    store.annotate();
    await pass(20_000, clock);
    expect(a.log).toEqual(['started']);
  });

  it('the leadership ends with the work, and the Lease is released', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    const a = candidate(store, 'a', clock, () => Promise.reject(new Error('broken')));
    await pass(1_500, clock);
    expect(a.log).toEqual(['started', 'released']);
    expect(store.lease()?.spec?.holderIdentity).toBeUndefined();
    await pass(5_000, clock);
    expect(a.log.slice(2, 4)).toEqual(['started', 'released']);
  });

  it('a leader waits for its previous work to end before it starts again', async () => {
    const store = createLeaseStore();
    const clock = createFakeClock();
    let running = 0;
    let most = 0;
    let finish: () => void = () => undefined;
    const a = candidate(store, 'a', clock, async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => (finish = resolve));
      running--;
    });
    await pass(4_000, clock);
    store.fail(true);
    await pass(12_000, clock);
    store.fail(false);
    await pass(30_000, clock);
    expect([a.log, running]).toEqual([['started', 'lost'], 1]);
    finish();
    await pass(30_000, clock);
    expect([a.log, most]).toEqual([['started', 'lost', 'started'], 1]);
  });
});
