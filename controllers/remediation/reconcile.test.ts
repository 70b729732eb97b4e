import { beforeEach, describe, expect, it } from '@jest/globals';
import { after, anAlert, aPolicy, aRemediation, aRule, aTemplate, aWorkflow } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { Killed, RemediationWorld } from '../../test/fakes/remediation-world.ts';
import { planRemediation } from '../../remediation/planning/plan.ts';
import { submissionOf } from '../../remediation/attempts/submission.ts';

let world: RemediationWorld;

const reconcile = () => reconcileIn(world);

function phase(): string | undefined {
  return world.remediation?.status?.phase;
}

beforeEach(() => {
  world = new RemediationWorld(anAlert(), planned());
});

describe('an attempt', () => {
  it('creates its Workflow, follows it to its end and lets go of it', async () => {
    await reconcile();
    expect(world.created).toBe(1);
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
    expect(world.events).toEqual(['RemediationSubmitted', 'RemediationSucceeded']);
    expect(world.phases).toEqual(['Submitted', 'Running', 'Succeeded']);
  });

  it('F10: tells where the time went of what a rule started, not of what a person started', async () => {
    for (let run = 0; run < 2; run += 1) await reconcile();
    world.run('Succeeded');
    await reconcile();
    expect(world.stages).toEqual([expect.objectContaining({ queue: 0, execute: 0 })]);
    const { spec, ...rest } = planned();
    world = new RemediationWorld(anAlert(), {
      ...rest,
      spec: { ...spec, requestedBy: { username: 'ann', via: 'kubectl' } },
    });
    for (let run = 0; run < 2; run += 1) await reconcile();
    world.run('Succeeded');
    await reconcile();
    expect(phase()).toBe('Succeeded');
    expect(world.stages).toEqual([]);
  });

  it('writes nothing down in the run that creates its Workflow, which others may be waiting for', async () => {
    await reconcile();
    expect(world.created).toBe(1);
    expect(phase()).toBeUndefined();
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

  it('F4: whose submission never gets an answer ends, and a Workflow that comes late is stopped', async () => {
    world.submitFails = { error: new Error('500 from a webhook'), silently: false };
    await expect(reconcile()).rejects.toThrow('500');
    world.now = after(60);
    expect(await reconcile()).toEqual({ requeueAfterMs: 5_000 });
    expect(world.remediation?.status).toMatchObject({ phase: 'Pending', reason: 'SubmitFailed' });
    world.now = after(65);
    await expect(reconcile()).rejects.toThrow('500');
    world.now = after(600);
    await reconcile();
    expect(phase()).toBe('Pending');
    world.now = after(660);
    await reconcile();
    expect(world.remediation?.status).toMatchObject({ phase: 'Failed', reason: 'SubmitFailed' });
    const submission = submissionOf(planned());
    if (!submission.ok) throw new Error(submission.message);
    world.make(submission.workflow);
    await reconcile();
    expect(world.terminated).toBe(1);
    expect(phase()).toBe('Failed');
  });

  it('whose submission was carried out and not answered goes on with its Workflow', async () => {
    world.submitFails = { error: new Error('connection reset'), silently: true };
    world.now = after(60);
    world.stale = { noWorkflows: true };
    await reconcile();
    expect(phase()).toBe('Submitted');
    expect(world.created).toBe(1);
  });

  it('is watched after its Workflow succeeded, which may go, and keeps what it holds until the verdict', async () => {
    const released: string[] = [];
    world.acquirables = [
      {
        name: 'target',
        acquire: () => Promise.resolve(undefined),
        release: () => Promise.resolve(void released.push('x')),
      },
    ];
    world.policies = [aPolicy({ spec: { verification: { healthyFor: '1m', timeout: '10m' } } })];
    await reconcile();
    world.run('Succeeded');
    expect(await reconcile()).toEqual({ requeueAfterMs: 600_000 });
    expect(world.remediation?.status).toMatchObject({ phase: 'Verifying', reason: 'AlertFiring' });
    expect(world.workflow?.metadata.finalizers).toEqual([]);
    world.workflow = undefined;
    world.now = after(599);
    await reconcile();
    expect(released).toEqual([]);
    world.now = after(600);
    await reconcile();
    expect(phase()).toBe('Ineffective');
    expect(released).toEqual(['x']);
    expect(world.created).toBe(1);
    expect(world.events).toEqual(['RemediationIneffective']);
  });

  it('whose worker dies before it lets go of the Workflow has that done by the next', async () => {
    world.policies = [aPolicy({ spec: { verification: { healthyFor: '1m', timeout: '10m' } } })];
    await reconcile();
    world.run('Succeeded');
    world.killAt(3);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(phase()).toBe('Verifying');
    expect(world.workflow?.metadata.finalizers).toHaveLength(1);
    await reconcile();
    expect(world.workflow?.metadata.finalizers).toEqual([]);
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
