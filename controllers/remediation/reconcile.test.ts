import { beforeEach, describe, expect, it } from '@jest/globals';
import { after, anAlert, aPolicy, aRemediation, aRule, aTemplate, aWorkflow } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { Killed, RemediationCluster } from '../../test/fakes/remediation-cluster.ts';
import { planRemediation } from '../../remediation/planning/plan.ts';
import { workflowToSubmit } from '../../remediation/attempts/submission.ts';

let cluster: RemediationCluster;

const reconcile = () => reconcileIn(cluster);

function phase(): string | undefined {
  return cluster.remediation?.status?.phase;
}

beforeEach(() => {
  cluster = new RemediationCluster(anAlert(), planned());
});

describe('an attempt', () => {
  it('an attempt creates its Workflow, follows it to its end and removes its finalizer', async () => {
    await reconcile();
    expect(cluster.created).toBe(1);
    await reconcile();
    expect(phase()).toBe('Submitted');
    expect(cluster.workflow?.metadata).toMatchObject({
      name: planned().metadata.name,
      namespace: 'monitoring',
      ownerReferences: [expect.objectContaining({ uid: 'remediation-1', controller: true })],
      finalizers: ['aegis.io/outcome-recorded'],
    });
    cluster.run('Running');
    await reconcile();
    expect(phase()).toBe('Running');
    cluster.run('Succeeded');
    await reconcile();
    expect(phase()).toBe('Succeeded');
    expect(cluster.workflow?.metadata.finalizers).toEqual([]);
    expect(cluster.events).toEqual(['RemediationSubmitted', 'RemediationSucceeded']);
    expect(cluster.phases).toEqual(['Submitted', 'Running', 'Succeeded']);
  });

  it('F10: the time of each stage is measured for attempts of rules, not for those of users', async () => {
    for (let run = 0; run < 2; run += 1) await reconcile();
    cluster.run('Succeeded');
    await reconcile();
    expect(cluster.stages).toEqual([expect.objectContaining({ queue: 0, execute: 0 })]);
    const { spec, ...rest } = planned();
    cluster = new RemediationCluster(anAlert(), {
      ...rest,
      spec: { ...spec, requestedBy: { username: 'ann', via: 'kubectl' } },
    });
    for (let run = 0; run < 2; run += 1) await reconcile();
    cluster.run('Succeeded');
    await reconcile();
    expect(phase()).toBe('Succeeded');
    expect(cluster.stages).toEqual([]);
  });

  it('an attempt writes no status in the run that creates its Workflow', async () => {
    await reconcile();
    expect(cluster.created).toBe(1);
    expect(phase()).toBeUndefined();
  });

  it('an attempt creates no second Workflow when Argo deletes the first before a run has read it', async () => {
    cluster.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(cluster.created).toBe(1);
    cluster.run('Succeeded');
    cluster.deleteWorkflow();
    await reconcile();
    expect(cluster.created).toBe(1);
    expect(phase()).toBe('Succeeded');
    expect(cluster.workflow).toBeUndefined();
  });

  it('an attempt is submitted because of the state in the API server, not of a stale cache', async () => {
    const old = planned();
    await reconcile();
    cluster.run('Succeeded');
    await reconcile();
    cluster.deleteWorkflow();
    cluster.stale = { remediation: old, noWorkflows: true };
    await reconcile();
    expect(cluster.created).toBe(1);
    expect(phase()).toBe('Succeeded');
  });

  it('an attempt is not submitted because of a cache that may lack an earlier attempt of a user', async () => {
    const requestedBy = { username: 'jane', via: 'kubectl' } as const;
    cluster.siblings = [aRemediation({ metadata: { name: 'by-hand', uid: 'by-hand' }, spec: { requestedBy } })];
    cluster.stale = { noRemediations: true };
    expect(await reconcile()).toEqual({ requeueAfterMs: 200 });
    expect(cluster.created).toBe(0);
    cluster.stale = {};
    await reconcile();
    expect(phase()).toBe('Superseded');
    expect(cluster.created).toBe(0);
  });

  it('an attempt is not superseded when its Workflow exists and no cache shows it', async () => {
    cluster.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    const requestedBy = { username: 'jane', via: 'kubectl' } as const;
    cluster.siblings = [aRemediation({ metadata: { name: 'by-hand', uid: 'by-hand' }, spec: { requestedBy } })];
    cluster.stale = { noWorkflows: true };
    await reconcile();
    expect(phase()).toBe('Submitted');
  });

  it('an attempt is not cancelled by a resolve when its Workflow exists and no cache shows it', async () => {
    cluster.killAt(4);
    await expect(reconcile()).rejects.toThrow(Killed);
    cluster.alert = anAlert({ spec: { status: 'Resolved' } });
    cluster.stale = { noWorkflows: true };
    await reconcile();
    expect(phase()).toBe('Submitted');
  });

  it('an attempt is cancelled for good by a resolve before it was submitted', async () => {
    cluster.alert = anAlert({ spec: { status: 'Resolved' } });
    await reconcile();
    cluster.alert = anAlert();
    await reconcile();
    expect(phase()).toBe('Cancelled');
    expect(cluster.created).toBe(0);
  });

  it('an attempt ends the Workflow that Argo did not start in time', async () => {
    await reconcile();
    cluster.now = after(600);
    await reconcile();
    expect(phase()).toBe('Failed');
    expect(cluster.terminated).toBe(1);
  });

  it('an attempt fails when another Workflow has its name, and does not touch that Workflow', async () => {
    cluster.workflow = aWorkflow(
      {},
      { name: planned().metadata.name, ownerReferences: [], finalizers: ['aegis.io/outcome-recorded'] },
    );
    await reconcile();
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Failed', reason: 'NameTaken' });
    await reconcile();
    expect(cluster.workflow.metadata.finalizers).toHaveLength(1);
    expect(cluster.terminated).toBe(0);
  });

  it('an attempt fails at once when the API server refuses the Workflow', async () => {
    cluster.submitAnswer = { outcome: 'refused', message: 'spec.templates is not a list' };
    await reconcile();
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Failed', reason: 'WorkflowRefused' });
    expect(cluster.remediation?.status?.message).toContain('spec.templates is not a list');
  });

  it('an attempt tries again for a while where a permission is missing, and reports that meanwhile', async () => {
    cluster.submitAnswer = { outcome: 'unavailable', message: 'workflows is forbidden' };
    expect(await reconcile()).toEqual({ requeueAfterMs: 5_000 });
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Pending', reason: 'SubmitFailed' });
    cluster.now = after(600);
    await reconcile();
    expect(phase()).toBe('Failed');
  });

  it('F4: an attempt whose submission never gets an answer ends, and a Workflow that appears late is stopped', async () => {
    cluster.submitFails = { error: new Error('500 from a webhook'), silently: false };
    await expect(reconcile()).rejects.toThrow('500');
    cluster.now = after(60);
    expect(await reconcile()).toEqual({ requeueAfterMs: 5_000 });
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Pending', reason: 'SubmitFailed' });
    cluster.now = after(65);
    await expect(reconcile()).rejects.toThrow('500');
    cluster.now = after(600);
    await reconcile();
    expect(phase()).toBe('Pending');
    cluster.now = after(660);
    await reconcile();
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Failed', reason: 'SubmitFailed' });
    const submission = workflowToSubmit(planned());
    if (!submission.ok) throw new Error(submission.message);
    cluster.make(submission.workflow);
    await reconcile();
    expect(cluster.terminated).toBe(1);
    expect(phase()).toBe('Failed');
  });

  it('an attempt whose submission succeeded without an answer continues with its Workflow', async () => {
    cluster.submitFails = { error: new Error('connection reset'), silently: true };
    cluster.now = after(60);
    cluster.stale = { noWorkflows: true };
    await reconcile();
    expect(phase()).toBe('Submitted');
    expect(cluster.created).toBe(1);
  });

  it('an attempt is verified after its Workflow succeeded, which may be deleted, and keeps its locks until the verdict', async () => {
    const released: string[] = [];
    cluster.acquirables = [
      {
        name: 'target',
        acquire: () => Promise.resolve(undefined),
        release: () => Promise.resolve(void released.push('x')),
      },
    ];
    cluster.policies = [aPolicy({ spec: { verification: { healthyFor: '1m', timeout: '10m' } } })];
    await reconcile();
    cluster.run('Succeeded');
    expect(await reconcile()).toEqual({ requeueAfterMs: 600_000 });
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Verifying', reason: 'AlertFiring' });
    expect(cluster.workflow?.metadata.finalizers).toEqual([]);
    cluster.workflow = undefined;
    cluster.now = after(599);
    await reconcile();
    expect(released).toEqual([]);
    cluster.now = after(600);
    await reconcile();
    expect(phase()).toBe('Ineffective');
    expect(released).toEqual(['x']);
    expect(cluster.created).toBe(1);
    expect(cluster.events).toEqual(['RemediationIneffective']);
  });

  it('an attempt whose worker dies before it removes the finalizer of the Workflow has that done by the next worker', async () => {
    cluster.policies = [aPolicy({ spec: { verification: { healthyFor: '1m', timeout: '10m' } } })];
    await reconcile();
    cluster.run('Succeeded');
    cluster.killAt(3);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(phase()).toBe('Verifying');
    expect(cluster.workflow?.metadata.finalizers).toHaveLength(1);
    await reconcile();
    expect(cluster.workflow?.metadata.finalizers).toEqual([]);
  });

  it('an attempt whose manifest was changed is not submitted', async () => {
    const remediation = planned();
    remediation.spec.manifest = remediation.spec.manifest.replace('cordon dev1', 'delete node dev1');
    cluster.remediation = remediation;
    await reconcile();
    expect(cluster.remediation.status).toMatchObject({ phase: 'Failed', reason: 'ManifestCorrupt' });
    expect(cluster.created).toBe(0);
  });

  it('an attempt that was deleted leaves no Workflow that cannot be deleted', async () => {
    await reconcile();
    cluster.remediation = undefined;
    cluster.deleteWorkflow();
    expect(cluster.workflow).toBeDefined();
    await reconcile();
    expect(cluster.workflow).toBeUndefined();
  });

  it('an attempt that was deleted deletes its Workflow in another namespace, where owner references do not work', async () => {
    const template = aTemplate({ spec: { namespace: 'elsewhere' } });
    const plan = planRemediation({ alert: anAlert(), rule: aRule(), template, attempt: 1 });
    if (!plan.ok) throw new Error(plan.message);
    cluster = new RemediationCluster(anAlert(), { ...planned(), spec: plan.remediation.spec });
    await reconcile();
    expect(cluster.workflow?.metadata).toMatchObject({ namespace: 'elsewhere' });
    expect(cluster.workflow?.metadata).not.toHaveProperty('ownerReferences');
    cluster.remediation = undefined;
    await reconcile();
    expect(cluster.workflow).toBeUndefined();
  });

  it('an attempt that was deleted leaves a Workflow of its own namespace to the garbage collector', async () => {
    await reconcile();
    cluster.remediation = undefined;
    await reconcile();
    expect(cluster.workflow).toBeDefined();
  });

  it('an attempt that has ended writes nothing more', async () => {
    await reconcile();
    cluster.run('Succeeded');
    await reconcile();
    const before = cluster.remediation;
    await reconcile();
    expect(cluster.remediation).toBe(before);
  });
});
