import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WorkflowPhase } from '../crds/workflow.ts';
import { anAlert } from '../test/builders/objects.ts';
import { planned, reconcileIn } from '../test/fakes/remediation-run.ts';
import { Killed, RemediationWorld } from '../test/fakes/remediation-world.ts';

let world: RemediationWorld;

/** Workers that die are replaced until one lives. */
async function reconcileUntilDone(): Promise<void> {
  for (;;) {
    try {
      await reconcileIn(world);
      return;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}

function phase(): string | undefined {
  return world.remediation?.status?.phase;
}

describe('however often workers are killed and whatever happens meanwhile', () => {
  type Happening = 'nothing' | 'resolve' | 'delete' | { run: WorkflowPhase };
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    fc.constantFrom<Happening>('nothing', 'resolve', 'delete'),
    fc.constantFrom<WorkflowPhase>('', 'Pending', 'Running', 'Succeeded', 'Failed', 'Error').map((run) => ({ run })),
  );
  const done: readonly (WorkflowPhase | undefined)[] = ['Succeeded', 'Failed', 'Error'];

  function happen(what: Happening): void {
    if (what === 'resolve') world.alert = anAlert({ spec: { status: 'Resolved' } });
    else if (what === 'delete') world.deleteWorkflow();
    else if (what !== 'nothing' && !done.includes(world.workflow?.status?.phase)) world.run(what.run);
  }

  it('at most one Workflow comes into being, and an attempt that was cancelled made none', async () => {
    const steps = fc.array(fc.record({ happens: happening, kill: fc.integer({ min: 1, max: 9 }) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        world = new RemediationWorld(anAlert(), planned());
        for (const { happens, kill } of list) {
          world.killAt(kill);
          await reconcileUntilDone();
          happen(happens);
        }
        await reconcileUntilDone();
        expect(world.created).toBeLessThanOrEqual(1);
        if (phase() === 'Cancelled') expect(world.created).toBe(0);
        if (world.workflow?.status?.phase === 'Succeeded') expect(phase()).toBe('Succeeded');
      }),
      { numRuns: 500 },
    );
  });
});
