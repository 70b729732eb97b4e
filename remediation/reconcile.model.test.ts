import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTerminal } from '../crds/remediation.ts';
import type { RemediationPolicySpec } from '../crds/remediation-policy.ts';
import type { WorkflowPhase } from '../crds/workflow.ts';
import { anAlert, aPolicy } from '../test/builders/objects.ts';
import { planned, reconcileIn } from '../test/fakes/remediation-run.ts';
import { Killed, RemediationWorld } from '../test/fakes/remediation-world.ts';

let world: RemediationWorld;

/** Workers that die are replaced until one lives. */
async function reconcileUntilDone(): Promise<{ requeueAfterMs?: number }> {
  for (;;) {
    try {
      return await reconcileIn(world);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}

function phase(): string | undefined {
  return world.remediation?.status?.phase;
}

function isOver(): boolean {
  return isTerminal(world.remediation?.status?.phase);
}

describe('however often workers are killed and whatever happens meanwhile', () => {
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
      metadata: { annotations: { 'aegis.io/resolved-at': world.now.toISOString() } },
      spec: { status: 'Resolved' },
    });

  function happen(what: Happening): void {
    if (typeof what === 'object') {
      if ('wait' in what) world.now = new Date(world.now.getTime() + what.wait * 1000);
      else if (!done.includes(world.workflow?.status?.phase)) world.run(what.run);
    } else if (what === 'resolve') world.alert = over();
    else if (what === 'fire again' && world.alert?.spec.status === 'Resolved') world.episodes = [anAlert()];
    else if (what === 'over again' && world.episodes.length > 0) world.episodes = [over()];
    else if (what === 'delete') world.deleteWorkflow();
    else if (what === 'cancel' && !isOver()) {
      world.say({ cancellation: { user: 'jane', via: 'kubectl', time: world.now.toISOString() } });
    }
  }

  async function live(spec: Partial<RemediationPolicySpec>, list: readonly { happens: Happening; kill: number }[]) {
    world = new RemediationWorld(anAlert(), planned());
    world.policies = [aPolicy({ spec })];
    for (const { happens, kill } of list) {
      world.killAt(kill);
      await reconcileUntilDone();
      happen(happens);
    }
    await reconcileUntilDone();
  }

  const isQuiet = () => [world.alert, ...world.episodes].every((alert) => alert?.spec.status === 'Resolved');

  it('at most one Workflow comes into being, and the verdict fits what was seen', async () => {
    await fc.assert(
      fc.asyncProperty(policy, steps, async (spec, list) => {
        await live(spec, list);
        const { reason, cancellation } = world.remediation?.status ?? {};
        expect(world.created).toBeLessThanOrEqual(1);
        if (reason === 'AlertResolved' && world.created > 0) {
          expect(spec.onResolve).toBe('Stop');
          expect(world.terminated).toBeGreaterThan(0);
        }
        if (phase() === 'Cancelled' && world.created > 0)
          expect(reason === 'AlertResolved' || cancellation).toBeTruthy();
        if (phase() === 'Succeeded') expect(world.workflow?.status?.phase ?? 'Succeeded').toBe('Succeeded');
        if (phase() === 'Succeeded' && spec.verification !== undefined) expect(reason).toBe('Verified');
        if (phase() === 'Verifying' && reason === 'Recovering') expect(isQuiet()).toBe(true);
        // What was told to stop and succeeds all the same may be called failed by then.
        if (world.workflow?.status?.phase === 'Succeeded' && world.terminated === 0) {
          const ends = ['Succeeded', 'Verifying', 'Ineffective', 'Inconclusive'];
          expect(spec.verification === undefined ? ['Succeeded'] : ends).toContain(phase());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('F4: time alone brings every attempt to its end', async () => {
    await fc.assert(
      fc.asyncProperty(policy, steps, async (spec, list) => {
        await live(spec, list);
        for (let looks = 0; looks < 20 && !isOver(); looks += 1) {
          // Without a time it is an event that brings it back: the Workflow that was just made.
          const { requeueAfterMs = 0 } = await reconcileUntilDone();
          world.now = new Date(world.now.getTime() + requeueAfterMs);
        }
        expect(isOver()).toBe(true);
        await reconcileUntilDone();
        expect(world.workflow?.metadata.finalizers ?? []).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
