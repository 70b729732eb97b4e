import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyBudget } from '../../crds/remediation-policy.ts';
import type { AegisRemediation, RemediationSpec } from '../../crds/remediation.ts';
import { after, anAlert, aPolicy, aRemediation, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { FakeBudgetStore } from '../../test/fakes/budget-store.ts';
import type { RemediationFacts } from '../decision/facts.ts';
import type { Acquirable } from '../locks/acquire.ts';
import { budgetOf, ReservedBudgets } from './acquire.ts';
import { foundOut } from '../../test/builders/facts.ts';

let store: FakeBudgetStore;
let now: Date;

beforeEach(() => {
  store = new FakeBudgetStore();
  now = noon;
});

/** A worker whose cache shows the policies as they were when it started. */
function worker(): Acquirable {
  const cluster = aCluster({ policies: [...store.policies.values()], alerts: [anAlert()] });
  return budgetOf({
    ...{ cluster, store, reserved: new ReservedBudgets(), now: () => now, random: Math.random },
    serially: (_, work) => work(),
    sleep: () => Promise.resolve(),
  });
}

function budget(name: string, bounds: PolicyBudget): void {
  store.put(aPolicy({ metadata: { name }, spec: { budget: bounds } }));
}

function attempt(name: string, spec: Partial<RemediationSpec> = {}): AegisRemediation {
  return aRemediation({ metadata: { name, uid: name }, spec: { target: { kind: 'Node', name }, ...spec } });
}

function factsOf(remediation: AegisRemediation, cluster = worldNow()): RemediationFacts {
  const facts = {
    remediation,
    alert: anAlert(),
    siblings: [],
    episodes: [],
    cluster,
    target: { known: false },
    workflow: undefined,
    run: foundOut,
  };
  return { ...facts, deadlines: { start: 1, grace: 1 }, now };
}

const worldNow = () => aCluster({ policies: [...store.policies.values()], alerts: [anAlert()] });
const acquire = (budget: Acquirable, remediation: AegisRemediation) => budget.acquire(factsOf(remediation));
const held = (name: string) => store.policies.get(name)?.status?.reservations?.map(({ uid }) => uid) ?? [];

describe('a reservation', () => {
  it('a reservation is one entry in the status of the policy, together with the use of the budget', async () => {
    budget('all', { maxParallel: 2, maxPerWindow: { count: 5, window: '1h' } });
    expect(await acquire(worker(), attempt('a'))).toBeUndefined();
    const entry = { remediation: 'monitoring/a', time: '2026-01-02T12:00:00.000Z' };
    expect(store.policies.get('all')?.status).toEqual({
      reservations: [{ ...entry, uid: 'a', target: 'Node//a' }],
      recentStarts: [entry],
      budget: { unhealthy: 0, running: 1, startedInWindow: 1 },
    });
  });

  it('a reservation is refused because of the state in the API server, whatever the cache shows', async () => {
    budget('all', { maxParallel: 1 });
    const first = worker();
    const second = worker();
    expect(await acquire(first, attempt('a'))).toBeUndefined();
    expect(await acquire(second, attempt('b'))).toMatchObject({
      reason: 'BudgetExceeded',
      message: 'policy all: 1 of 1 allowed remediations at work',
    });
    expect(held('all')).toEqual(['a']);
  });

  it('a reservation is decided again when another writer was faster', async () => {
    budget('all', { maxParallel: 1 });
    const present = store.policies.get('all');
    store.between = () => {
      store.between = undefined;
      const time = '2026-01-02T12:00:00Z';
      if (present) store.put({ ...present, status: { reservations: [{ remediation: 'x/b', uid: 'b', time }] } });
    };
    expect(await acquire(worker(), attempt('a'))).toMatchObject({ reason: 'BudgetExceeded' });
    expect(held('all')).toEqual(['b']);
  });

  it('a reservation is left to the queue when other writers are faster again and again', async () => {
    budget('all', { maxParallel: 1 });
    store.between = () => {
      store.put(store.policies.get('all') ?? aPolicy());
    };
    await expect(acquire(worker(), attempt('a'))).rejects.toMatchObject({ retry: { kind: 'conflict' } });
    expect(held('all')).toEqual([]);
  });

  it('a reservation is not made while the policy cannot be read or written, and the attempt shows that', async () => {
    budget('all', { maxParallel: 1 });
    store.readError = new Error('no answer');
    const message = 'policy all: its budget cannot be used: no answer';
    expect(await acquire(worker(), attempt('a'))).toEqual({ reason: 'BudgetUnavailable', message, until: after(30) });
    store.readError = undefined;
    store.refusal = 'forbidden';
    expect(await acquire(worker(), attempt('a'))).toMatchObject({ reason: 'BudgetUnavailable' });
  });

  it('a reservation is made again by its holder, and counts once', async () => {
    budget('all', { maxParallel: 1, maxPerWindow: { count: 1, window: '1h' } });
    expect(await acquire(worker(), attempt('a'))).toBeUndefined();
    now = after(10);
    expect(await acquire(worker(), attempt('a'))).toBeUndefined();
    expect(store.policies.get('all')?.status?.recentStarts).toEqual([
      { remediation: 'monitoring/a', time: '2026-01-02T12:00:10.000Z' },
    ]);
  });

  it('a reservation is made in all policies or in none', async () => {
    budget('a-wide', { maxParallel: 9, maxPerWindow: { count: 9, window: '1h' } });
    budget('b-narrow', { maxParallel: 0 });
    expect(await acquire(worker(), attempt('a'))).toMatchObject({ reason: 'BudgetExceeded' });
    expect(held('a-wide')).toEqual([]);
    expect(store.policies.get('a-wide')?.status?.recentStarts).toEqual([]);
  });

  it('a reservation is released at the end, and its start counts until the window is over', async () => {
    budget('all', { maxPerWindow: { count: 1, window: '1h' } });
    await acquire(worker(), attempt('a'));
    await worker().release(attempt('a'), 'used');
    expect(held('all')).toEqual([]);
    now = after(3599);
    expect(await acquire(worker(), attempt('b'))).toMatchObject({ until: after(3600) });
    now = after(3600);
    expect(await acquire(worker(), attempt('b'))).toBeUndefined();
  });

  it('a reservation is released by the worker that made it, also while its cache does not show it', async () => {
    budget('all', { maxParallel: 1 });
    const one = worker();
    await acquire(one, attempt('a'));
    await one.release(attempt('a'), 'used');
    expect(held('all')).toEqual([]);
    await one.release(attempt('a'), 'used');
    expect(store.writes).toBe(2);
  });

  it('a reservation is not needed where the policy is gone or concerns other objects by now', async () => {
    budget('all', { maxParallel: 0 });
    const one = worker();
    store.put(
      aPolicy({ metadata: { name: 'all' }, spec: { selector: { namespaces: ['x'] }, budget: { maxParallel: 0 } } }),
    );
    expect(await acquire(one, attempt('a'))).toBeUndefined();
    store.policies.clear();
    expect(await acquire(one, attempt('a'))).toBeUndefined();
    expect(store.writes).toBe(0);
  });
});

describe('F7: a budget that is used up', () => {
  it('F7: an exhausted budget blocks neither undo attempts nor read-only ones, nor the end of a running attempt', async () => {
    budget('all', { maxParallel: 1 });
    const running = worker();
    await acquire(running, attempt('a'));
    expect(await acquire(running, attempt('uncordon', { alertStatus: 'Resolved' }))).toBeUndefined();
    expect(await acquire(running, attempt('evidence', { risk: 'ReadOnly' }))).toBeUndefined();
    expect(await acquire(running, attempt('b'))).toBeDefined();
    expect(held('all')).toEqual(['a']);
    await running.release(attempt('a'), 'used');
    expect(held('all')).toEqual([]);
  });
});

describe('F19: the budget with any number of workers in any order', () => {
  it('F19: no budget is ever exceeded by any order of workers', async () => {
    const step = fc.record({
      worker: fc.integer({ min: 0, max: 2 }),
      attempt: fc.integer({ min: 0, max: 7 }),
      what: fc.constantFrom('take', 'take', 'release', 'wait'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 3 }), async (steps, most) => {
        store = new FakeBudgetStore();
        now = noon;
        budget('all', { maxParallel: most, maxTargets: 3, maxPerWindow: { count: 4, window: '60s' } });
        const workers = [worker(), worker(), worker()];
        const atWork = new Set<string>();
        await Promise.all(
          steps.map(async ({ worker: which, attempt: number, what }) => {
            const one = attempt(`a${number}`);
            const hold = workers[which] ?? worker();
            if (what === 'wait') now = new Date(now.getTime() + 7_000);
            if (what === 'take' && !atWork.has(one.metadata.name)) {
              if ((await hold.acquire(factsOf(one)).catch(() => ({ reason: 'conflict' }))) !== undefined) return;
              atWork.add(one.metadata.name);
            }
            if (what === 'release' && atWork.delete(one.metadata.name))
              await hold.release(one, 'used').catch(() => undefined);
          }),
        );
        const status = store.policies.get('all')?.status;
        expect(status?.reservations?.length ?? 0).toBeLessThanOrEqual(Math.min(most, 3));
        expect(status?.recentStarts?.length ?? 0).toBeLessThanOrEqual(4);
      }),
      { numRuns: 60 },
    );
  });

  it('F19: a thousand concurrent attempts of three workers reserve exactly the whole budget', async () => {
    budget('all', { maxParallel: 7, maxPerWindow: { count: 40, window: '1h' } });
    const workers = [worker(), worker(), worker()];
    const all = Array.from({ length: 1_000 }, (_, index) => attempt(`a${index}`));
    let working = 0;
    let most = 0;
    let started = 0;
    await Promise.all(
      all.map(async (one, index) => {
        const hold = workers[index % 3] ?? worker();
        // Others were faster again and again: the queue brings it back.
        for (let refusal: unknown = 'conflict'; refusal === 'conflict';) {
          refusal = await hold.acquire(factsOf(one)).catch(() => 'conflict');
          if (refusal !== undefined) continue;
          started += 1;
          most = Math.max(most, (working += 1));
          await new Promise((resolve) => setImmediate(resolve));
          working -= 1;
          while ((await hold.release(one, 'used').catch(() => 'conflict')) === 'conflict');
        }
      }),
    );
    expect(most).toBeLessThanOrEqual(7);
    expect(started).toBeLessThanOrEqual(40);
    expect(started).toBeGreaterThanOrEqual(7);
    expect(held('all')).toEqual([]);
  });
});
