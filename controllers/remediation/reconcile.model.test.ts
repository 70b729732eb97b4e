import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTerminal } from '../../crds/remediation.ts';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import type { WorkflowPhase } from '../../crds/workflow.ts';
import { anAlert, aPolicy } from '../../test/builders/objects.ts';
import { planned, reconcileUntilDone } from '../../test/fakes/remediation-run.ts';
import { RemediationCluster } from '../../test/fakes/remediation-cluster.ts';

let cluster: RemediationCluster;

function phase(): string | undefined {
  return cluster.remediation?.status?.phase;
}

function isOver(): boolean {
  return isTerminal(cluster.remediation?.status?.phase);
}

describe('the reconcile of an attempt with any number of killed workers and any events meanwhile', () => {
  type Happening =
    | 'nothing'
    | 'resolve'
    | 'fire again'
    | 'over again'
    | 'delete'
    | 'cancel'
    | { run: WorkflowPhase }
    | { wait: number };
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    fc.constantFrom<Happening>('nothing', 'resolve', 'fire again', 'over again', 'delete', 'cancel'),
    fc.constantFrom<WorkflowPhase>('', 'Pending', 'Running', 'Succeeded', 'Failed', 'Error').map((run) => ({ run })),
    fc.constantFrom(1, 30, 300, 900).map((wait) => ({ wait })),
  );
  const policy = fc.record<Partial<RemediationPolicySpec>>({
    verification: fc.constantFrom(
      undefined as never,
      { healthyFor: '0s', timeout: '0s' },
      { healthyFor: '1m', timeout: '5m' },
      { healthyFor: '5m', timeout: '5m' },
    ),
    onResolve: fc.constantFrom('LetFinish', 'Stop'),
  });
  const steps = fc.array(fc.record({ happens: happening, kill: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
    maxLength: 8,
  });
  const done: readonly (WorkflowPhase | undefined)[] = ['Succeeded', 'Failed', 'Error'];
  const over = () =>
    anAlert({
      metadata: { annotations: { 'aegis.io/resolved-at': cluster.now.toISOString() } },
      spec: { status: 'Resolved' },
    });

  const deeds: Record<Extract<Happening, string>, () => void> = {
    nothing: () => undefined,
    resolve: () => void (cluster.alert = over()),
    'fire again': () => {
      if (cluster.alert?.spec.status === 'Resolved') cluster.episodes = [anAlert()];
    },
    'over again': () => void (cluster.episodes = cluster.episodes.map(over)),
    delete: () => {
      cluster.deleteWorkflow();
    },
    cancel: () => {
      if (!isOver()) cluster.say({ cancellation: { user: 'jane', via: 'kubectl', time: cluster.now.toISOString() } });
    },
  };

  function happen(what: Happening): void {
    if (typeof what === 'string') deeds[what]();
    else if ('wait' in what) cluster.now = new Date(cluster.now.getTime() + what.wait * 1000);
    else if (!done.includes(cluster.workflow?.status?.phase)) cluster.run(what.run);
  }

  async function live(spec: Partial<RemediationPolicySpec>, list: readonly { happens: Happening; kill: number }[]) {
    cluster = new RemediationCluster(anAlert(), planned());
    cluster.policies = [aPolicy({ spec })];
    for (const { happens, kill } of list) {
      cluster.killAt(kill);
      await reconcileUntilDone(cluster);
      happen(happens);
    }
    await reconcileUntilDone(cluster);
  }

  const isQuiet = () => [cluster.alert, ...cluster.episodes].every((alert) => alert?.spec.status === 'Resolved');

  function cancelledForAReason({ onResolve }: Partial<RemediationPolicySpec>): void {
    const { reason, cancellation } = cluster.remediation?.status ?? {};
    if (phase() !== 'Cancelled' || cluster.created === 0) return;
    if (cancellation !== undefined) return;
    expect(reason).toBe('AlertResolved');
    expect(onResolve).toBe('Stop');
    expect(cluster.terminated).toBeGreaterThan(0);
  }

  function judgedAsSeen({ verification }: Partial<RemediationPolicySpec>): void {
    const ended = cluster.workflow?.status?.phase;
    const reason = cluster.remediation?.status?.reason;
    if (phase() === 'Succeeded') {
      expect(ended ?? 'Succeeded').toBe('Succeeded');
      expect(reason).toBe(verification === undefined ? 'WorkflowSucceeded' : 'Verified');
    }
    if (reason === 'Recovering') expect(isQuiet()).toBe(true);
    // A Workflow that was asked to stop and still succeeds may already be recorded as failed.
    if (ended !== 'Succeeded' || cluster.terminated > 0) return;
    const ends = ['Succeeded', 'Verifying', 'Ineffective', 'Inconclusive'];
    expect(verification === undefined ? ['Succeeded'] : ends).toContain(phase());
  }

  it('at most one Workflow of an attempt is created, and the verdict fits the state that was seen', async () => {
    await fc.assert(
      fc.asyncProperty(policy, steps, async (spec, list) => {
        await live(spec, list);
        expect(cluster.created).toBeLessThanOrEqual(1);
        cancelledForAReason(spec);
        judgedAsSeen(spec);
      }),
      { numRuns: 300 },
    );
  });

  it('F4: every attempt ends by time alone', async () => {
    await fc.assert(
      fc.asyncProperty(policy, steps, async (spec, list) => {
        await live(spec, list);
        for (let looks = 0; looks < 20 && !isOver(); looks += 1) {
          // Without a time it is an event that brings it back: the Workflow that was just made.
          const { requeueAfterMs = 0 } = await reconcileUntilDone(cluster);
          cluster.now = new Date(cluster.now.getTime() + requeueAfterMs);
        }
        expect(isOver()).toBe(true);
        await reconcileUntilDone(cluster);
        expect(cluster.workflow?.metadata.finalizers ?? []).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
