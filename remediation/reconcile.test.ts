import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { Workflow, WorkflowPhase } from '../crds/workflow.ts';
import { after, anAlert, aPolicy, aRemediation, aRule, aTemplate, aWorkflow } from '../test/builders/objects.ts';
import { Killed, RemediationWorld } from '../test/fakes/remediation-world.ts';
import { planRemediation } from './plan.ts';
import { remediationReconciler } from './reconcile.ts';

const deadlines = { start: 600_000, grace: 60_000 };

function planned(): AegisRemediation {
  const plan = planRemediation({ alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1 });
  if (!plan.ok) throw new Error(plan.message);
  const metadata = { ...plan.remediation.metadata, uid: 'remediation-1', creationTimestamp: '2026-01-02T12:00:00Z' };
  return { ...plan.remediation, metadata };
}

let world: RemediationWorld;

function reconcile() {
  const { namespace = '', name } = planned().metadata;
  return remediationReconciler(world.ports(), { deadlines })({ namespace, name });
}

/** Workers that die are replaced until one lives. */
async function reconcileUntilDone(): Promise<void> {
  for (;;) {
    try {
      await reconcile();
      return;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}

function phase(): string | undefined {
  return world.remediation?.status?.phase;
}

beforeEach(() => {
  world = new RemediationWorld(anAlert(), planned());
});

describe('an attempt', () => {
  it('creates its Workflow, follows it to its end and lets go of it', async () => {
    await reconcile();
    expect(phase()).toBe('Submitted');
    expect(world.workflow?.metadata).toMatchObject({
      name: planned().metadata.name,
      namespace: 'monitoring',
      ownerReferences: [expect.objectContaining({ uid: 'remediation-1', controller: true })],
      finalizers: ['aegis.io/outcome-recorded'],
    });
    world.run('Running');
    await reconcile();
    expect(phase()).toBe('Running');
    world.run('Succeeded');
    await reconcile();
    expect(phase()).toBe('Succeeded');
    expect(world.workflow?.metadata.finalizers).toEqual([]);
    expect(world.events).toEqual(['RemediationSucceeded']);
    expect(world.phases).toEqual(['Submitted', 'Running', 'Succeeded']);
  });

  it('creates no second Workflow when Argo deletes the first before anybody looked', async () => {
    world.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(world.created).toBe(1);
    world.run('Succeeded');
    world.deleteWorkflow();
    await reconcile();
    expect(world.created).toBe(1);
    expect(phase()).toBe('Succeeded');
    expect(world.workflow).toBeUndefined();
  });

  it('is submitted on the word of the API server, not of a cache that is behind', async () => {
    const old = planned();
    await reconcile();
    world.run('Succeeded');
    await reconcile();
    world.deleteWorkflow();
    world.stale = { remediation: old, noWorkflows: true };
    await reconcile();
    expect(world.created).toBe(1);
    expect(phase()).toBe('Succeeded');
  });

  it('is not submitted on the word of a cache that may not know what a person started before it', async () => {
    const requestedBy = { username: 'jane', via: 'kubectl' } as const;
    world.siblings = [aRemediation({ metadata: { name: 'by-hand', uid: 'by-hand' }, spec: { requestedBy } })];
    world.stale = { noRemediations: true };
    expect(await reconcile()).toEqual({ requeueAfterMs: 200 });
    expect(world.created).toBe(0);
    world.stale = {};
    await reconcile();
    expect(phase()).toBe('Superseded');
    expect(world.created).toBe(0);
  });

  it('is not superseded when its Workflow exists and no cache shows it', async () => {
    world.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    const requestedBy = { username: 'jane', via: 'kubectl' } as const;
    world.siblings = [aRemediation({ metadata: { name: 'by-hand', uid: 'by-hand' }, spec: { requestedBy } })];
    world.stale = { noWorkflows: true };
    await reconcile();
    expect(phase()).toBe('Submitted');
  });

  it('is not cancelled by a resolve when its Workflow exists and no cache shows it', async () => {
    world.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    world.alert = anAlert({ spec: { status: 'Resolved' } });
    world.stale = { noWorkflows: true };
    await reconcile();
    expect(phase()).toBe('Submitted');
  });

  it('is cancelled by a resolve before it was submitted, for good', async () => {
    world.alert = anAlert({ spec: { status: 'Resolved' } });
    await reconcile();
    world.alert = anAlert();
    await reconcile();
    expect(phase()).toBe('Cancelled');
    expect(world.created).toBe(0);
  });

  it('ends the Workflow that Argo did not start in time', async () => {
    await reconcile();
    world.now = after(600);
    await reconcile();
    expect(phase()).toBe('Failed');
    expect(world.terminated).toBe(1);
  });

  it('fails when another Workflow has its name, and leaves that one alone', async () => {
    world.workflow = aWorkflow(
      {},
      { name: planned().metadata.name, ownerReferences: [], finalizers: ['aegis.io/outcome-recorded'] },
    );
    await reconcile();
    expect(world.remediation?.status).toMatchObject({ phase: 'Failed', reason: 'NameTaken' });
    await reconcile();
    expect(world.workflow.metadata.finalizers).toHaveLength(1);
    expect(world.terminated).toBe(0);
  });

  it('fails at once when the API server refuses the Workflow', async () => {
    world.submitAnswer = { outcome: 'refused', message: 'spec.templates is not a list' };
    await reconcile();
    expect(world.remediation?.status).toMatchObject({ phase: 'Failed', reason: 'WorkflowRefused' });
    expect(world.remediation?.status?.message).toContain('spec.templates is not a list');
  });

  it('tries again for a while where a permission is missing, and says so meanwhile', async () => {
    world.submitAnswer = { outcome: 'unavailable', message: 'workflows is forbidden' };
    expect(await reconcile()).toEqual({ requeueAfterMs: 5_000 });
    expect(world.remediation?.status).toMatchObject({ phase: 'Pending', reason: 'SubmitFailed' });
    world.now = after(600);
    await reconcile();
    expect(phase()).toBe('Failed');
  });

  it('whose manifest was tampered with is not submitted', async () => {
    const remediation = planned();
    remediation.spec.manifest = remediation.spec.manifest.replace('cordon dev1', 'delete node dev1');
    world.remediation = remediation;
    await reconcile();
    expect(world.remediation.status).toMatchObject({ phase: 'Failed', reason: 'ManifestCorrupt' });
    expect(world.created).toBe(0);
  });

  it('that is gone leaves no Workflow that cannot be deleted', async () => {
    await reconcile();
    world.remediation = undefined;
    world.deleteWorkflow();
    expect(world.workflow).toBeDefined();
    await reconcile();
    expect(world.workflow).toBeUndefined();
  });

  it('that is gone takes a Workflow with it that runs in another namespace, where nothing can own it', async () => {
    const template = aTemplate({ spec: { namespace: 'elsewhere' } });
    const plan = planRemediation({ alert: anAlert(), rule: aRule(), template, attempt: 1 });
    if (!plan.ok) throw new Error(plan.message);
    world = new RemediationWorld(anAlert(), { ...planned(), spec: plan.remediation.spec });
    await reconcile();
    expect(world.workflow?.metadata).toMatchObject({ namespace: 'elsewhere' });
    expect(world.workflow?.metadata).not.toHaveProperty('ownerReferences');
    world.remediation = undefined;
    await reconcile();
    expect(world.workflow).toBeUndefined();
  });

  it('that is gone leaves a Workflow of its own namespace to Kubernetes', async () => {
    await reconcile();
    world.remediation = undefined;
    await reconcile();
    expect(world.workflow).toBeDefined();
  });

  it('that is finished writes nothing more', async () => {
    await reconcile();
    world.run('Succeeded');
    await reconcile();
    const before = world.remediation;
    await reconcile();
    expect(world.remediation).toBe(before);
  });
});

describe('an attempt that needs approvals', () => {
  const approvals = ['alice', 'bob'].map((user) => ({
    user,
    via: 'kubectl',
    time: '2026-01-02T12:00:00Z',
    decision: 'Approved' as const,
  }));

  beforeEach(() => {
    const remediation = planned();
    world = new RemediationWorld(anAlert(), {
      ...remediation,
      spec: { ...remediation.spec, approval: { required: 2 } },
    });
  });

  it('waits until its time is over, and is then denied', async () => {
    expect(await reconcile()).toEqual({ requeueAfterMs: 900_000 });
    expect(world.remediation?.status).toMatchObject({
      phase: 'AwaitingApproval',
      blockedUntil: '2026-01-02T12:15:00Z',
      conditions: [{ type: 'Admitted', status: 'False', reason: 'ApprovalPending' }],
    });
    world.now = after(900);
    await reconcile();
    expect(world.remediation?.status).toMatchObject({ phase: 'Expired', reason: 'ApprovalExpired' });
    expect(world.events).toEqual(['RemediationExpired']);
    expect(world.created).toBe(0);
  });

  it('goes on in the same run once enough people agree, and keeps their names', async () => {
    await reconcile();
    world.say({ approvals });
    await reconcile();
    expect(world.phases).toEqual(['AwaitingApproval', 'Approved', 'Submitted']);
    expect(world.remediation?.status?.approvals).toEqual(approvals);
    expect(world.created).toBe(1);
  });

  it('that was approved is not submitted when its alert is over by then, or somebody paused', async () => {
    world.say({ approvals });
    world.policies = [aPolicy({ spec: { pause: [{ reason: 'freeze' }] } })];
    await reconcile();
    expect(world.remediation?.status).toMatchObject({ phase: 'Blocked', reason: 'Paused' });
    world.policies = [];
    world.alert = anAlert({ spec: { status: 'Resolved' } });
    await reconcile();
    expect(phase()).toBe('Cancelled');
    expect(world.created).toBe(0);
  });

  it('stays approved while a permission is missing, for as long as any attempt', async () => {
    world.now = after(800);
    world.say({ approvals });
    world.submitAnswer = { outcome: 'unavailable', message: 'workflows is forbidden' };
    expect(await reconcile()).toEqual({ requeueAfterMs: 5_000 });
    expect(world.remediation?.status).toMatchObject({ phase: 'Approved', reason: 'SubmitFailed' });
    world.now = after(1_400);
    await reconcile();
    expect(phase()).toBe('Failed');
  });

  it('and whose Workflow no cache shows is not called blocked when somebody pauses', async () => {
    world.say({ approvals });
    world.killAt(8);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(world.created).toBe(1);
    expect(phase()).toBe('Approved');
    world.stale = { noWorkflows: true };
    world.policies = [aPolicy({ spec: { pause: [{ reason: 'freeze' }] } })];
    await reconcile();
    expect(phase()).toBe('Submitted');
  });
});

describe('an attempt that somebody cancels', () => {
  const cancellation = { user: 'jane', via: 'kubectl', time: '2026-01-02T12:00:00Z', comment: 'wrong node' };

  it('before its submission is cancelled at once', async () => {
    world.say({ cancellation });
    await reconcile();
    expect(world.remediation?.status).toMatchObject({
      phase: 'Cancelled',
      reason: 'CancelledByUser',
      message: 'jane cancelled it (kubectl): wrong node',
      cancellation,
    });
    expect(world.created).toBe(0);
  });

  it.each(['Failed', 'Error'] as const)(
    'while it runs is stopped, and cancelled when its Workflow is %s',
    async (end) => {
      await reconcile();
      world.run('Running');
      world.say({ cancellation });
      await reconcile();
      expect(world.terminated).toBe(1);
      expect(world.remediation?.status).toMatchObject({ phase: 'Running', reason: 'Cancelling' });
      world.run(end, 'terminated');
      await reconcile();
      expect(world.remediation?.status).toMatchObject({ phase: 'Cancelled', reason: 'CancelledByUser' });
      expect(world.workflow?.metadata.finalizers).toEqual([]);
    },
  );

  it('too late to keep it from succeeding has succeeded', async () => {
    await reconcile();
    world.say({ cancellation });
    world.run('Succeeded');
    await reconcile();
    expect(phase()).toBe('Succeeded');
  });

  it('when its Workflow exists and no cache shows it is stopped', async () => {
    world.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    world.say({ cancellation });
    world.stale = { noWorkflows: true };
    await reconcile();
    expect(world.terminated).toBe(1);
    expect(world.remediation?.status).toMatchObject({ phase: 'Submitted', reason: 'Cancelling' });
  });

  it('before a worker that was asleep creates its Workflow all the same has that one stopped', async () => {
    world.say({ cancellation });
    await reconcile();
    const { manifest } = planned().spec;
    const created = JSON.parse(manifest) as Workflow;
    world.workflow = {
      ...created,
      metadata: { ...created.metadata, ownerReferences: aWorkflow().metadata.ownerReferences! },
    };
    await reconcile();
    expect(world.terminated).toBe(1);
    world.run('Failed');
    await reconcile();
    expect(world.terminated).toBe(1);
    expect(phase()).toBe('Cancelled');
  });
});

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
