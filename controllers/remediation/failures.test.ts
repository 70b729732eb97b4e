import { beforeEach, describe, expect, it } from '@jest/globals';
import { decideTrigger } from '../../remediation/planning/trigger.ts';
import { compileRule } from '../../rules/compile.ts';
import { matchRules } from '../../rules/match.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { after, anAlert, aPolicy, aRemediation, aRule, aTemplate, noon } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { RemediationCluster } from '../../test/fakes/remediation-cluster.ts';
import { createPlanner } from '../../remediation/planning/plan.ts';
import { compileTemplate } from '../../remediation/render/index.ts';

let cluster: RemediationCluster;

const reconcile = () => reconcileIn(cluster);

function standing() {
  const { phase, reason } = cluster.remediation?.status ?? {};
  return `${phase} ${reason}`;
}

beforeEach(() => {
  cluster = new RemediationCluster(anAlert(), planned());
});

/** Failures that were seen elsewhere. */
describe('failures that are known from other systems', () => {
  it('F1: an attempt that was blocked while its alert fired does nothing after the alert ended, also after a restart', async () => {
    cluster.policies = [aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } })];
    await reconcile();
    expect(standing()).toBe('Blocked Paused');
    cluster.alert = anAlert({ spec: { status: 'Resolved' } });
    cluster.policies = [];
    await reconcile();
    expect(standing()).toBe('Cancelled AlertResolved');
    cluster.alert = anAlert();
    await reconcile();
    expect(standing()).toBe('Cancelled AlertResolved');
    expect(cluster.created).toBe(0);
  });

  it('F1: an attempt that was blocked for one object does nothing to another object that has its name by then', async () => {
    const remediation = planned();
    const target = { kind: 'Node', name: 'dev1', uid: 'old' };
    cluster = new RemediationCluster(anAlert(), { ...remediation, spec: { ...remediation.spec, target } });
    cluster.nodes = [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'dev1', uid: 'old' } }];
    cluster.policies = [aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } })];
    await reconcile();
    expect(standing()).toBe('Blocked Paused');
    cluster.nodes = [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'dev1', uid: 'new' } }];
    cluster.policies = [];
    await reconcile();
    expect(standing()).toBe('Superseded TargetChanged');
    expect(cluster.created).toBe(0);
  });

  it('F1: an attempt does nothing to a replaced object that is not a node, which is read before the Workflow is created', async () => {
    const waiting = async (found: RemediationCluster['target'], alertStatus: 'Firing' | 'Resolved' = 'Firing') => {
      const remediation = planned();
      const target = { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'old' };
      const spec = { ...remediation.spec, target, alertStatus };
      cluster = new RemediationCluster(anAlert({ spec: { status: alertStatus } }), { ...remediation, spec });
      cluster.policies = [aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } })];
      await reconcile();
      cluster.policies = [];
      cluster.target = found;
      await reconcile();
      return [standing(), cluster.created];
    };
    expect(await waiting({ known: true, uid: 'new' })).toEqual(['Superseded TargetChanged', 0]);
    expect(await waiting({ known: true })).toEqual(['Superseded TargetChanged', 0]);
    expect((await waiting({ known: true, uid: 'old' }))[1]).toBe(1);
    expect((await waiting({ known: false }))[1]).toBe(1);
    // An alert about a pod may be over because the pod is gone: what undoes the action is wanted more than ever.
    expect((await waiting({ known: true }, 'Resolved'))[1]).toBe(1);
  });

  it('F3: an attempt waits while another attempt for the same alert runs, and continues when that has ended', async () => {
    const running = aRemediation({
      metadata: { name: 'other', uid: 'other', creationTimestamp: '2026-01-02T11:00:00Z' },
      status: { phase: 'Running', startTime: '2026-01-02T11:00:00Z', workflowRef: { name: 'other', namespace: 'x' } },
    });
    const requestedBy = { username: 'jane', via: 'kubectl' as const };
    cluster = new RemediationCluster(anAlert(), { ...planned(), spec: { ...planned().spec, requestedBy } });
    cluster.siblings = [running];
    await reconcile();
    expect(standing()).toBe('Blocked DuplicateInProgress');
    cluster.siblings = [{ ...running, status: { ...running.status, phase: 'Failed' } }];
    await reconcile();
    expect(cluster.created).toBe(1);
  });

  it('F13: an alert that is sent again thirty times while its attempt is blocked starts nothing more', async () => {
    cluster.policies = [aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } })];
    await reconcile();
    const plan = createPlanner(compileTemplate);
    for (let count = 2; count < 32; count += 1) {
      const trigger = decideTrigger({
        alert: anAlert({ status: { count } }),
        match: (alert) => matchRules(alert, [compileRule(aRule())]),
        template: () => aTemplate(),
        remediations: [cluster.remediation as AegisRemediation],
        plan,
        limits: () => ({ maxAttempts: 3, backoffMs: 0, verified: true }),
        now: noon,
      });
      expect(trigger.create).toBeUndefined();
      expect(trigger.status).toBe('Blocked');
    }
    cluster.policies = [];
    await reconcile();
    expect(cluster.created).toBe(1);
  });

  it('F20: a missing answer is a rejection, whichever user requested the approval, and nothing runs afterwards', async () => {
    const approval = { required: 1, requesterMayApprove: false, timeout: '5m' };
    cluster.policies = [aPolicy({ spec: { approval } })];
    await reconcile();
    expect(standing()).toBe('AwaitingApproval ApprovalPending');
    cluster.now = after(300);
    await reconcile();
    expect(standing()).toBe('Expired ApprovalExpired');
    cluster.policies = [];
    await reconcile();
    expect(standing()).toBe('Expired ApprovalExpired');
    expect(cluster.created).toBe(0);
  });
});
