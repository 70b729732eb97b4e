import { describe, expect, it } from '@jest/globals';
import { after, anAlert, aRemediation, aWorkflow, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import type { WorkflowPhase } from '../../crds/workflow.ts';
import { decideRemediation } from './decide.ts';
import type { RemediationFacts } from './facts.ts';
import { foundOut } from '../../test/builders/facts.ts';

const deadlines = { start: 600_000, grace: 60_000 };

function decide(changes: Partial<RemediationFacts> = {}) {
  return decideRemediation({
    remediation: aRemediation(),
    alert: anAlert(),
    episodes: [],
    siblings: [],
    cluster: aCluster(),
    target: { known: false },
    workflow: undefined,
    run: foundOut,
    deadlines,
    now: noon,
    ...changes,
  });
}

const submitted = aRemediation({
  status: {
    phase: 'Submitted',
    startTime: '2026-01-02T12:00:00Z',
    workflowRef: { name: 'default-disk-0123456789-abcde', namespace: 'monitoring', uid: 'workflow-1' },
  },
});

function standing(phase: string, reason: string) {
  return expect.objectContaining({ phase, reason }) as unknown;
}

describe('an attempt before its submission', () => {
  it('an attempt is submitted when no gate blocks it', () => {
    expect(decide()).toEqual({ action: 'submit' });
  });

  it.each([
    ['resolved', anAlert({ spec: { status: 'Resolved' } }), 'AlertResolved'],
    ['deleted', undefined, 'AlertDeleted'],
    ['another one of the same name', anAlert({ metadata: { uid: 'alert-2' } }), 'AlertDeleted'],
  ])('an attempt is cancelled when its alert is %s', (_, alert, reason) => {
    expect(decide({ alert })).toMatchObject({ action: 'record', standing: standing('Cancelled', reason) });
  });

  it('an attempt is superseded when its alert is resolved while it waits for approval', () => {
    const remediation = aRemediation({ status: { phase: 'AwaitingApproval' } });
    const plan = decide({ remediation, alert: anAlert({ spec: { status: 'Resolved' } }) });
    expect(plan).toMatchObject({ standing: standing('Superseded', 'AlertResolved') });
  });

  it('an attempt for the resolve of its alert does not wait for the verdict of an earlier one', () => {
    const remediation = aRemediation({ spec: { alertStatus: 'Resolved' } });
    const alert = anAlert({ spec: { status: 'Resolved' } });
    const older = (phase: 'Verifying' | 'Running') =>
      aRemediation({ metadata: { name: 'a', creationTimestamp: '2026-01-02T11:00:00Z' }, status: { phase } });
    expect(decide({ remediation, alert, siblings: [older('Verifying')] })).toEqual({ action: 'submit' });
    expect(decide({ remediation, alert, siblings: [older('Running')] })).toMatchObject({
      standing: standing('Blocked', 'DuplicateInProgress'),
    });
  });

  it('an attempt for the resolve of its alert is not cancelled by it', () => {
    const remediation = aRemediation({ spec: { alertStatus: 'Resolved' } });
    expect(decide({ remediation, alert: anAlert({ spec: { status: 'Resolved' } }) })).toEqual({ action: 'submit' });
  });

  it('a dry run ends without a Workflow', () => {
    expect(decide({ remediation: aRemediation({ spec: { dryRun: true } }) })).toMatchObject({
      standing: { phase: 'DryRun' },
    });
  });

  it.each(['Pending', 'Submitted', 'Running', 'Verifying', 'Blocked'] as const)(
    'an attempt waits for an older attempt for the same alert that is %s',
    (phase) => {
      const older = aRemediation({
        metadata: { name: 'older', creationTimestamp: '2026-01-02T11:00:00Z' },
        status: { phase },
      });
      const plan = decide({ siblings: [older] });
      expect(plan).toMatchObject({ standing: standing('Blocked', 'DuplicateInProgress') });
      expect(plan).toMatchObject({ standing: { message: expect.stringContaining('older') as unknown } });
    },
  );

  it('an attempt does not wait for attempts that have ended, nor for younger ones that wait themselves', () => {
    const done = aRemediation({
      metadata: { name: 'a', creationTimestamp: '2026-01-02T11:00:00Z' },
      status: { phase: 'Failed' },
    });
    const younger = aRemediation({
      metadata: { name: 'z', creationTimestamp: '2026-01-02T12:30:00Z' },
      status: { phase: 'Blocked' },
    });
    expect(decide({ siblings: [done, younger] })).toEqual({ action: 'submit' });
  });

  it('of two attempts made in the same second, exactly one waits', () => {
    const a = aRemediation({ metadata: { name: 'a', uid: 'a' } });
    const b = aRemediation({ metadata: { name: 'b', uid: 'b' } });
    const plans = [decide({ remediation: a, siblings: [b] }), decide({ remediation: b, siblings: [a] })];
    expect(plans.filter(({ action }) => action === 'submit')).toHaveLength(1);
  });

  it('an attempt whose Workflow is found was submitted, also when the alert was resolved since', () => {
    const plan = decide({
      workflow: aWorkflow({ phase: 'Running' }),
      alert: anAlert({ spec: { status: 'Resolved' } }),
    });
    expect(plan).toMatchObject({ standing: { phase: 'Running', workflowRef: { uid: 'workflow-1' } } });
  });
});

describe('a submitted attempt', () => {
  it.each<[WorkflowPhase | undefined, string, string]>([
    [undefined, 'Submitted', 'WorkflowPending'],
    ['', 'Submitted', 'WorkflowPending'],
    ['Pending', 'Submitted', 'WorkflowPending'],
    ['Running', 'Running', 'WorkflowRunning'],
    ['Succeeded', 'Succeeded', 'WorkflowSucceeded'],
    ['Failed', 'Failed', 'WorkflowFailed'],
    ['Error', 'Failed', 'WorkflowErrored'],
  ])('a submitted attempt whose Workflow is in phase %j has phase %s', (phase, expected, reason) => {
    const workflow = aWorkflow(phase === undefined ? {} : { phase, message: 'exit code 3' });
    const plan = decide({ remediation: submitted, workflow });
    expect(plan).toMatchObject({ action: 'record', stop: false, standing: standing(expected, reason) });
  });

  it('a submitted attempt repeats the message of Argo about a failure', () => {
    const workflow = aWorkflow({ phase: 'Failed', message: 'exit code 3' });
    expect(decide({ remediation: submitted, workflow })).toMatchObject({
      standing: { message: 'the Workflow failed: exit code 3' },
    });
  });

  it('a submitted attempt runs to its end though the alert was resolved', () => {
    const plan = decide({ remediation: submitted, workflow: aWorkflow({ phase: 'Running' }), alert: undefined });
    expect(plan).toMatchObject({ stop: false, standing: { phase: 'Running' } });
  });

  it('a submitted attempt has failed when its Workflow is gone', () => {
    expect(decide({ remediation: submitted })).toMatchObject({ standing: standing('Failed', 'WorkflowDeleted') });
  });

  it('a submitted attempt whose Workflow is being deleted has failed and is stopped, unless the Workflow had ended', () => {
    const deleted = { deletionTimestamp: '2026-01-02T12:00:00Z' };
    const running = decide({ remediation: submitted, workflow: aWorkflow({ phase: 'Running' }, deleted) });
    expect(running).toMatchObject({ stop: true, standing: standing('Failed', 'WorkflowDeleted') });
    const done = decide({ remediation: submitted, workflow: aWorkflow({ phase: 'Succeeded' }, deleted) });
    expect(done).toMatchObject({ stop: false, standing: { phase: 'Succeeded' } });
  });

  it('a submitted attempt is reconciled again at the deadline for its start, and then fails and is stopped', () => {
    expect(decide({ remediation: submitted, workflow: aWorkflow() })).toMatchObject({ requeueAt: after(600) });
    const late = decide({ remediation: submitted, workflow: aWorkflow(), now: after(600) });
    expect(late).toMatchObject({ stop: true, standing: standing('Failed', 'WorkflowNotStarted') });
  });

  it('a submitted attempt that runs longer than its Workflow may is failed and stopped', () => {
    const workflow = aWorkflow(
      { phase: 'Running', startedAt: '2026-01-02T12:00:10Z' },
      {},
      { activeDeadlineSeconds: 100 },
    );
    expect(decide({ remediation: submitted, workflow, now: after(169) })).toMatchObject({
      standing: { phase: 'Running' },
      requeueAt: after(170),
    });
    const late = decide({ remediation: submitted, workflow, now: after(170) });
    expect(late).toMatchObject({ stop: true, standing: standing('Failed', 'DeadlineExceeded') });
  });
});

describe('a finished attempt', () => {
  it.each(['Succeeded', 'Failed', 'DryRun'] as const)('a finished attempt that is %s does not change', (phase) => {
    const remediation = aRemediation({ status: { ...submitted.status, phase } });
    expect(decide({ remediation, workflow: aWorkflow({ phase: 'Running' }) })).toEqual({ action: 'settled' });
  });

  it.each(['Failed', 'Cancelled', 'Superseded'] as const)(
    'an attempt that is %s without a Workflow stops one that is created later',
    (phase) => {
      const remediation = aRemediation({ status: { phase } });
      expect(decide({ remediation, workflow: aWorkflow({ phase: 'Running' }) })).toEqual({ action: 'stop' });
      expect(decide({ remediation, workflow: aWorkflow({ phase: 'Failed' }) })).toEqual({ action: 'settled' });
    },
  );
});

describe('F8: a Workflow that succeeded and tests under load what it did', () => {
  const saying = (value: unknown) => {
    const outputs = {
      parameters: [
        { name: 'other', value: 'Ineffective' },
        { name: 'aegis-verdict', value },
      ],
    };
    return decide({ remediation: submitted, workflow: aWorkflow({ phase: 'Succeeded', outputs }) });
  };

  it.each([
    [
      'Ineffective: 2 of 8 GPUs fail\nunder load',
      'Ineffective',
      'found that it did not help: 2 of 8 GPUs fail under load',
    ],
    [' Ineffective\n', 'Ineffective', 'found that it did not help'],
    ['Inconclusive: no GPU was free', 'Inconclusive', 'could not tell whether it helped: no GPU was free'],
  ])('F8: a verdict %j of the Workflow is accepted, whatever the state of an idle node', (value, phase, words) => {
    const message = `the Workflow succeeded, and ${words}`;
    expect(saying(value)).toMatchObject({ standing: { phase, reason: 'WorkflowVerdict', message } });
  });

  it.each(['', 'Succeeded', 'ineffective', 'Ineffectively', 'Ineffective 2 of 8', 7, undefined, null, {}])(
    'F8: a Workflow without a valid verdict (%j) is verified like any other',
    (value) => {
      expect(saying(value)).toMatchObject({ standing: standing('Succeeded', 'WorkflowSucceeded') });
    },
  );
});

describe('a decision that needs more than the caches have', () => {
  const nothing = { cached: true };
  const waited = aRemediation({
    spec: { target: { kind: 'Pod', namespace: 'x', name: 'y', uid: 'pod-1' } },
    status: { phase: 'Blocked' },
  });

  it('a decision needs the target of an attempt that has waited before it is submitted', () => {
    expect(decide({ remediation: waited, run: nothing })).toEqual({ action: 'need', what: 'target' });
    const run = { ...nothing, targetRead: true };
    expect(decide({ remediation: waited, run })).toEqual({ action: 'submit' });
    expect(decide({ remediation: waited, run, target: { known: true, uid: 'pod-2' } })).toEqual({
      action: 'need',
      what: 'workflow',
    });
  });

  it('a decision needs the attempt in the cache before it is submitted', () => {
    expect(decide({ run: { cached: false } })).toEqual({ action: 'need', what: 'cache' });
  });

  it('a decision needs the Workflow before an attempt ends without one', () => {
    expect(decide({ alert: undefined, run: nothing })).toEqual({ action: 'need', what: 'workflow' });
    const plan = decide({ alert: undefined, run: { ...nothing, workflowRead: true }, workflow: aWorkflow() });
    expect(plan).toMatchObject({ action: 'record', standing: standing('Submitted', 'WorkflowPending') });
  });

  it('a decision needs the answer of the API server before a dry run ends', () => {
    const remediation = aRemediation({ spec: { dryRun: true } });
    expect(decide({ remediation, run: nothing })).toEqual({ action: 'need', what: 'dryRun' });
    const run = { ...nothing, dryRun: { refusal: 'no such entrypoint' } };
    expect(decide({ remediation, run })).toMatchObject({ standing: standing('DryRun', 'WouldBeRefused') });
  });

  it('a decision is made again once an approval is recorded', () => {
    const approvals = [{ user: 'jane', via: 'kubectl', time: '2026-01-02T12:00:00Z', decision: 'Approved' as const }];
    const remediation = aRemediation({ spec: { approval: { required: 1 } }, status: { approvals } });
    expect(decide({ remediation })).toMatchObject({
      standing: standing('Approved', 'ApprovalGranted'),
      decideAgain: true,
    });
  });
});
