import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Workflow } from '../../crds/workflow.ts';
import { after, anAlert, aPolicy, aWorkflow } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { Killed, RemediationCluster } from '../../test/fakes/remediation-cluster.ts';

let cluster: RemediationCluster;

const reconcile = () => reconcileIn(cluster);

function phase(): string | undefined {
  return cluster.remediation?.status?.phase;
}

beforeEach(() => {
  cluster = new RemediationCluster(anAlert(), planned());
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
    cluster = new RemediationCluster(anAlert(), {
      ...remediation,
      spec: { ...remediation.spec, approval: { required: 2 } },
    });
  });

  it('an attempt that needs approvals waits until its timeout, and is then denied', async () => {
    expect(await reconcile()).toEqual({ requeueAfterMs: 450_000 });
    expect(cluster.remediation?.status).toMatchObject({
      phase: 'AwaitingApproval',
      blockedUntil: '2026-01-02T12:15:00Z',
      conditions: [{ type: 'Admitted', status: 'False', reason: 'ApprovalPending' }],
    });
    cluster.now = after(900);
    await reconcile();
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Expired', reason: 'ApprovalExpired' });
    expect(cluster.events).toEqual(['RemediationAwaitingApproval', 'RemediationExpired']);
    expect(cluster.created).toBe(0);
  });

  it('an attempt that needs approvals sends one reminder at half and one at four fifths of its timeout', async () => {
    await reconcile();
    for (const second of [449, 450, 460, 719, 720, 721]) {
      cluster.now = after(second);
      await reconcile();
    }
    expect(cluster.events).toEqual(['RemediationAwaitingApproval', 'ApprovalReminder', 'ApprovalReminder']);
    const message = '0 of 2 approvals; denied at 2026-01-02T12:15:00Z; 80% of the time to approve has passed';
    expect(cluster.remediation?.status).toMatchObject({ message, blockedUntil: '2026-01-02T12:15:00Z' });
    expect(await reconcile()).toEqual({ requeueAfterMs: 179_000 });
  });

  it('an attempt that needs approvals continues in the same run once enough users agree, and keeps their names', async () => {
    await reconcile();
    cluster.say({ approvals });
    await reconcile();
    expect(cluster.created).toBe(1);
    await reconcile();
    expect(cluster.phases).toEqual(['AwaitingApproval', 'Approved', 'Submitted']);
    expect(cluster.remediation?.status?.approvals).toEqual(approvals);
    expect(cluster.created).toBe(1);
  });

  it('an attempt that was approved is not submitted when its alert has ended meanwhile, or a user paused the policy', async () => {
    cluster.say({ approvals });
    cluster.policies = [aPolicy({ spec: { pause: [{ reason: 'freeze' }] } })];
    await reconcile();
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Blocked', reason: 'Paused' });
    cluster.policies = [];
    cluster.alert = anAlert({ spec: { status: 'Resolved' } });
    await reconcile();
    expect(phase()).toBe('Cancelled');
    expect(cluster.created).toBe(0);
  });

  it('an attempt that needs approvals stays approved while a permission is missing, for as long as any attempt', async () => {
    cluster.now = after(800);
    cluster.say({ approvals });
    cluster.submitAnswer = { outcome: 'unavailable', message: 'workflows is forbidden' };
    expect(await reconcile()).toEqual({ requeueAfterMs: 5_000 });
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Approved', reason: 'SubmitFailed' });
    cluster.now = after(1_400);
    await reconcile();
    expect(phase()).toBe('Failed');
  });

  it('an attempt whose Workflow no cache shows is not called blocked when a user pauses the policy', async () => {
    cluster.say({ approvals });
    cluster.killAt(8);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(cluster.created).toBe(1);
    expect(phase()).toBe('Approved');
    cluster.stale = { noWorkflows: true };
    cluster.policies = [aPolicy({ spec: { pause: [{ reason: 'freeze' }] } })];
    await reconcile();
    expect(phase()).toBe('Submitted');
  });
});

describe('an attempt that a user cancels', () => {
  const cancellation = { user: 'jane', via: 'kubectl', time: '2026-01-02T12:00:00Z', comment: 'wrong node' };

  it('an attempt that a user cancels before its submission is cancelled at once', async () => {
    cluster.say({ cancellation });
    await reconcile();
    expect(cluster.remediation?.status).toMatchObject({
      phase: 'Cancelled',
      reason: 'CancelledByUser',
      message: 'jane cancelled it (kubectl): wrong node',
      cancellation,
    });
    expect(cluster.created).toBe(0);
  });

  it.each(['Failed', 'Error'] as const)(
    'an attempt that a user cancels while it runs is stopped, and Cancelled when its Workflow is %s',
    async (end) => {
      await reconcile();
      cluster.run('Running');
      cluster.say({ cancellation });
      await reconcile();
      expect(cluster.terminated).toBe(1);
      expect(cluster.remediation?.status).toMatchObject({ phase: 'Running', reason: 'Cancelling' });
      cluster.run(end, 'terminated');
      await reconcile();
      expect(cluster.remediation?.status).toMatchObject({ phase: 'Cancelled', reason: 'CancelledByUser' });
      expect(cluster.workflow?.metadata.finalizers).toEqual([]);
    },
  );

  it('an attempt that a user cancels too late, when its Workflow has succeeded, has succeeded', async () => {
    await reconcile();
    cluster.say({ cancellation });
    cluster.run('Succeeded');
    await reconcile();
    expect(phase()).toBe('Succeeded');
  });

  it('an attempt that a user cancels is stopped when its Workflow exists and no cache shows it', async () => {
    cluster.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    cluster.say({ cancellation });
    cluster.stale = { noWorkflows: true };
    await reconcile();
    expect(cluster.terminated).toBe(1);
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Submitted', reason: 'Cancelling' });
  });

  it('an attempt that a user cancels before a delayed worker still creates its Workflow has that Workflow stopped', async () => {
    cluster.say({ cancellation });
    await reconcile();
    const { manifest } = planned().spec;
    const created = JSON.parse(manifest) as Workflow;
    cluster.workflow = {
      ...created,
      metadata: { ...created.metadata, ownerReferences: aWorkflow().metadata.ownerReferences! },
    };
    await reconcile();
    expect(cluster.terminated).toBe(1);
    cluster.run('Failed');
    await reconcile();
    expect(cluster.terminated).toBe(1);
    expect(phase()).toBe('Cancelled');
  });
});
