import { describe, expect, it } from '@jest/globals';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { after, anAlert, aPolicy, aRule, aTemplate, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { done } from '../../test/builders/gates.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { RemediationCluster } from '../../test/fakes/remediation-cluster.ts';
import { createPlanner, type PlanInput } from '../../remediation/planning/plan.ts';
import { compileTemplate } from '../../remediation/render/index.ts';

const node = (labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'dev1', uid: 'n', labels },
});

function plan(specs: Partial<RemediationPolicySpec>[], input: Partial<PlanInput> = {}, labels = {}) {
  const policies = specs.map((spec, index) => aPolicy({ metadata: { name: `p${index}` }, spec }));
  const planner = createPlanner(compileTemplate, {
    cluster: aCluster({ policies, nodes: [node(labels)] }),
    now: () => noon,
  });
  const result = planner({ alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1, ...input });
  if (!result.ok) throw new Error(result.message);
  return { spec: result.remediation.spec, name: result.remediation.metadata.name, warnings: result.warnings };
}

const approval = { required: 2, approverGroups: ['sre'], requesterMayApprove: false, timeout: '5m' };

describe('an attempt that is planned under policies', () => {
  it('an attempt keeps the approvers and the deadline of the policies, and the approvals of its rule if those are more', () => {
    expect(plan([{ approval }]).spec.approval).toEqual({
      required: 2,
      approverGroups: ['sre'],
      expiresAt: '2026-01-02T12:05:00Z',
    });
    const strict = aRule({ spec: { approvals: 3 } });
    expect(plan([{ approval }], { rule: strict }).spec.approval?.required).toBe(3);
    expect(plan([], { rule: strict }).spec.approval).toEqual({ required: 3 });
    expect(plan([{ cooldown: '1h' }]).spec).not.toHaveProperty('approval');
  });

  it('an attempt is planned under the policies that concern its target only', () => {
    const gpu = { selector: { targetSelector: { matchLabels: { pool: 'gpu' } } }, approval };
    expect(plan([gpu], {}, { pool: 'web' }).spec).not.toHaveProperty('approval');
    expect(plan([gpu], {}, { pool: 'gpu' }).spec.approval?.required).toBe(2);
  });

  it('an attempt of any user is a dry run where one policy allows dry runs only, and its status shows that', () => {
    for (const requestedBy of [undefined, { username: 'jane', via: 'kubectl' as const }]) {
      const { spec, name, warnings } = plan([{ dryRun: true }, {}], { requestedBy });
      expect(spec.dryRun).toBe(true);
      expect(name).not.toBe(plan([]).name);
      expect(warnings).toEqual(['nothing is submitted: policy p0 allows dry runs only']);
    }
  });

  it('an attempt shows when no user can approve it, and is then not open to all users', () => {
    const { spec, warnings } = plan([{ approval }, { approval: { ...approval, approverGroups: ['gpu'] } }]);
    expect(spec.approval?.approverGroups).toEqual(['sre']);
    expect(warnings).toEqual(['no user can approve it: policies p0, p1 have no approver group in common']);
  });
});

const said = { via: 'kubectl', time: '2026-01-02T12:00:00Z', decision: 'Approved' as const };

describe('an approval', () => {
  function approved(required: number, users: string[]): RemediationCluster {
    const remediation = planned();
    const spec = { ...remediation.spec, approval: { required } };
    const cluster = new RemediationCluster(anAlert(), { ...remediation, spec });
    cluster.say({ approvals: users.map((user) => ({ ...said, user, groups: [] })) });
    return cluster;
  }

  it('an approval of a user who may not approve any more does not count, and another one may replace it', async () => {
    const cluster = approved(1, ['joe']);
    cluster.revoked.add('joe');
    await reconcileIn(cluster);
    expect(cluster.remediation?.status).toMatchObject({ phase: 'AwaitingApproval', reason: 'ApprovalPending' });
    expect(cluster.remediation?.status?.message).toContain('the approval of joe does not count: may not any more');
    expect(cluster.created).toBe(0);
    cluster.say({ approvals: ['joe', 'jane'].map((user) => ({ ...said, user, groups: [] })) });
    await reconcileIn(cluster);
    expect(cluster.created).toBe(1);
  });

  it('an approval that was revoked after it was recorded does not count either', async () => {
    const cluster = approved(1, ['joe']);
    cluster.policies = [aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } })];
    await reconcileIn(cluster);
    expect(cluster.remediation?.status?.phase).toBe('Blocked');
    cluster.policies = [];
    cluster.revoked.add('joe');
    await reconcileIn(cluster);
    expect(cluster.remediation?.status?.phase).toBe('AwaitingApproval');
    cluster.now = after(900);
    await reconcileIn(cluster);
    expect(cluster.remediation?.status?.phase).toBe('Expired');
    expect(cluster.created).toBe(0);
  });

  it('the permission of approvers is checked only once enough users have approved', async () => {
    const cluster = approved(2, ['joe']);
    cluster.revoked.add('joe');
    await reconcileIn(cluster);
    expect(cluster.remediation?.status?.message).toContain('1 of 2 approvals (joe)');
  });
});

describe('an attempt behind a breaker that is half open', () => {
  const failures = ['11:10', '11:20', '11:30'].map((time) => done('Failed', `2026-01-02T${time}:00Z`));

  function behind(): RemediationCluster {
    const cluster = new RemediationCluster(anAlert(), planned());
    cluster.policies = [aPolicy({ spec: { circuitBreaker: { failures: 3, openFor: '1h' } } })];
    cluster.others = failures;
    return cluster;
  }

  it('an attempt behind a half-open breaker waits for the opening, then for one approval though none was required, and then runs', async () => {
    const cluster = behind();
    expect(await reconcileIn(cluster)).toEqual({ requeueAfterMs: 1_800_000 });
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Blocked', reason: 'CircuitOpen' });
    cluster.now = after(1800);
    await reconcileIn(cluster);
    expect(cluster.remediation?.status).toMatchObject({ phase: 'AwaitingApproval', reason: 'CircuitHalfOpen' });
    expect(cluster.created).toBe(0);
    cluster.now = after(1900);
    cluster.say({ approvals: [{ ...said, user: 'jane', groups: [] }] });
    await reconcileIn(cluster);
    expect(cluster.phases).toEqual(['Blocked', 'AwaitingApproval', 'Approved']);
    expect(cluster.created).toBe(1);
  });

  it('an attempt behind a half-open breaker is denied when no user approves it, and rejected by one rejection', async () => {
    const silent = behind();
    silent.now = after(1800);
    await reconcileIn(silent);
    silent.now = after(2700);
    await reconcileIn(silent);
    expect(silent.remediation?.status?.phase).toBe('Expired');
    const refused = behind();
    refused.now = after(1800);
    await reconcileIn(refused);
    refused.say({ approvals: [{ ...said, user: 'jane', decision: 'Rejected' }] });
    await reconcileIn(refused);
    expect(refused.remediation?.status?.phase).toBe('Rejected');
    expect([silent.created, refused.created]).toEqual([0, 0]);
  });

  it('an attempt behind a breaker passes through Approved when the need for approval ends meanwhile, so that no rejection is lost', async () => {
    const cluster = behind();
    cluster.now = after(1800);
    await reconcileIn(cluster);
    cluster.policies = [];
    await reconcileIn(cluster);
    expect(cluster.phases).toEqual(['AwaitingApproval', 'Approved']);
    expect(cluster.created).toBe(1);
  });
});

describe('a dry run', () => {
  const rehearsed = async (refusal?: string) => {
    const remediation = planned();
    const cluster = new RemediationCluster(anAlert(), { ...remediation, spec: { ...remediation.spec, dryRun: true } });
    if (refusal !== undefined) cluster.refusal = { refused: true, message: refusal };
    await reconcileIn(cluster);
    expect(cluster.created).toBe(0);
    return cluster.remediation?.status;
  };

  it('a dry run distinguishes a manifest that would have been submitted from one that the API server would refuse', async () => {
    const why = '; its rule allows dry runs only';
    expect(await rehearsed()).toMatchObject({ reason: 'WouldSubmit', message: `would have been submitted${why}` });
    expect(await rehearsed('spec.entrypoint is missing')).toMatchObject({
      phase: 'DryRun',
      reason: 'WouldBeRefused',
      message: `the Workflow could not be created: spec.entrypoint is missing; otherwise it would have been submitted${why}`,
    });
  });

  it('a dry run shows the answer of each gate, and the policy that made it a dry run', async () => {
    const remediation = planned();
    const cluster = new RemediationCluster(anAlert(), { ...remediation, spec: { ...remediation.spec, dryRun: true } });
    cluster.policies = [aPolicy({ spec: { dryRun: true, approval, pause: [{ reason: 'upgrade' }] } })];
    await reconcileIn(cluster);
    const { phase, message } = cluster.remediation?.status ?? {};
    expect(phase).toBe('DryRun');
    expect(message).toMatch(/^would have waited at approval \(ApprovalPending: .*\); pause \(Paused: .*\)/);
    expect(message).toMatch(/; policy everything allows dry runs only$/);
    expect(cluster.created).toBe(0);
  });
});
