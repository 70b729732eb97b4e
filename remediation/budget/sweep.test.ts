import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AegisRemediation, RemediationPhase } from '../../crds/remediation.ts';
import type { RemediationPolicyStatus } from '../../crds/remediation-policy-status.ts';
import { someNodes } from '../../test/builders/nodes.ts';
import { after, anAlert, aPolicy, aRemediation, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { FakeBudgetStore } from '../../test/fakes/budget-store.ts';
import { sweepBudgets } from './sweep.ts';

let store: FakeBudgetStore;

beforeEach(() => {
  store = new FakeBudgetStore();
});

const name = 'default-disk-0123456789-abcde';
const reservation = { remediation: `monitoring/${name}`, uid: 'remediation-1', time: '2026-01-02T12:00:00Z' };

function policy(status: RemediationPolicyStatus) {
  store.put(aPolicy({ spec: { budget: { maxUnhealthy: '50%', maxPerWindow: { count: 2, window: '1h' } } }, status }));
}

interface Given {
  cached?: AegisRemediation;
  /** The attempt in the API server; default: the cached one. */
  live?: AegisRemediation | undefined;
  works?: boolean;
  now?: Date;
}

async function sweep({ cached, live = cached, works = false, now = noon }: Given = {}) {
  const policies = [...store.policies.values()];
  const attempts = cached === undefined ? [] : [cached];
  await sweepBudgets({
    cluster: aCluster({ policies, attempts, alerts: [anAlert()], nodes: someNodes(4, { ready: 'False' }) }),
    store,
    readRemediation: () => Promise.resolve(live),
    works: () => works,
    now: () => now,
  });
  return store.policies.get('everything')?.status;
}

const inPhase = (phase?: RemediationPhase) => aRemediation(phase === undefined ? {} : { status: { phase } });

describe('the reservation of an attempt', () => {
  it.each<[string, Given]>([
    ['that has ended', { cached: inPhase('Failed') }],
    ['that is gone', {}],
    ['whose name another object has now', { cached: aRemediation({ metadata: { uid: 'other' } }) }],
    ['whose worker died before its Workflow was created', { cached: inPhase('Blocked'), now: after(120) }],
    ['that was never reconciled again', { cached: inPhase(), now: after(120) }],
  ])('the sweep releases the reservation of an attempt %s', async (_, given) => {
    policy({ reservations: [reservation] });
    expect((await sweep(given))?.reservations).toEqual([]);
  });
});

describe('the reservation of an active attempt', () => {
  it.each<[string, Given]>([
    ['that is running', { cached: inPhase('Running'), now: after(1e6) }],
    ['that is being verified', { cached: inPhase('Verifying'), now: after(1e6) }],
    ['whose Workflow is about to be created', { cached: inPhase('Blocked'), now: after(119) }],
    ['whose Workflow is not recorded yet', { cached: inPhase(), works: true, now: after(1e6) }],
    ['that is gone while its Workflow runs', { works: true, now: after(1e6) }],
    ['that only the cache lacks', { live: inPhase('Running') }],
  ])('the sweep keeps the reservation of an attempt %s', async (_, given) => {
    policy({ reservations: [reservation] });
    expect((await sweep(given))?.reservations).toEqual([reservation]);
  });
});

describe('the status that the sweep writes', () => {
  it('the sweep writes the use of a budget, its pause, and the observed generation', async () => {
    const start = { remediation: 'monitoring/old', time: '2026-01-02T11:00:00Z' };
    policy({ recentStarts: [start, { ...start, remediation: 'monitoring/new', time: '2026-01-02T11:00:01Z' }] });
    expect(await sweep()).toEqual({
      reservations: [],
      recentStarts: [{ remediation: 'monitoring/new', time: '2026-01-02T11:00:01Z' }],
      budget: { selected: 4, allowed: 2, unhealthy: 4, running: 0, startedInWindow: 1 },
      paused: false,
      observedGeneration: 1,
      breakers: [],
      conditions: [
        {
          ...{ type: 'Ready', status: 'True', reason: 'PolicyValid', message: 'the policy can be evaluated' },
          ...{ observedGeneration: 1, lastTransitionTime: '2026-01-02T12:00:00Z' },
        },
      ],
    });
    expect(store.writes).toBe(1);
    await sweep();
    expect(store.writes).toBe(1);
  });

  it('the sweep writes why a policy cannot be evaluated, and since when', async () => {
    store.put(aPolicy({ spec: { cooldown: 'soon', stormControl: { alerts: 1, window: 'a while', cooldown: '1m' } } }));
    await sweep();
    const later = await sweep({ now: after(60) });
    expect(later?.conditions).toEqual([
      {
        ...{ type: 'Ready', status: 'False', reason: 'PolicyInvalid', observedGeneration: 1 },
        lastTransitionTime: '2026-01-02T12:00:00Z',
        message:
          'policy everything: spec.cooldown is not a duration: "soon"; policy everything: spec.stormControl.window is not a duration: "a while"',
      },
    ]);
    expect(store.writes).toBe(1);
  });

  it('the sweep writes a pause of a policy without a budget too', async () => {
    store.put(aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } }));
    expect(await sweep()).toMatchObject({ paused: true, observedGeneration: 1 });
  });
});
