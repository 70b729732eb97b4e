import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Workflow } from '../../crds/workflow.ts';
import { after, anAlert, aPolicy, aWorkflow } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { Killed, RemediationWorld } from '../../test/fakes/remediation-world.ts';

let world: RemediationWorld;

const reconcile = () => reconcileIn(world);

function phase(): string | undefined {
  return world.remediation?.status?.phase;
}

beforeEach(() => {
  world = new RemediationWorld(anAlert(), planned());
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
    expect(await reconcile()).toEqual({ requeueAfterMs: 450_000 });
    expect(world.remediation?.status).toMatchObject({
      phase: 'AwaitingApproval',
      blockedUntil: '2026-01-02T12:15:00Z',
      conditions: [{ type: 'Admitted', status: 'False', reason: 'ApprovalPending' }],
    });
    world.now = after(900);
    await reconcile();
    expect(world.remediation?.status).toMatchObject({ phase: 'Expired', reason: 'ApprovalExpired' });
    expect(world.events).toEqual(['RemediationAwaitingApproval', 'RemediationExpired']);
    expect(world.created).toBe(0);
  });

  it('is reminded of at half and at four fifths of its time, once each', async () => {
    await reconcile();
    for (const second of [449, 450, 460, 719, 720, 721]) {
      world.now = after(second);
      await reconcile();
    }
    expect(world.events).toEqual(['RemediationAwaitingApproval', 'ApprovalReminder', 'ApprovalReminder']);
    const message = '0 of 2 approvals; denied at 2026-01-02T12:15:00Z; four fifths of the time are over';
    expect(world.remediation?.status).toMatchObject({ message, blockedUntil: '2026-01-02T12:15:00Z' });
    expect(await reconcile()).toEqual({ requeueAfterMs: 179_000 });
  });

  it('goes on in the same run once enough people agree, and keeps their names', async () => {
    await reconcile();
    world.say({ approvals });
    await reconcile();
    expect(world.created).toBe(1);
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
