import { describe, expect, it } from '@jest/globals';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { after, anAlert, aPolicy, aRule, aTemplate, noon } from '../../test/builders/objects.ts';
import { aWorld } from '../../test/builders/world.ts';
import { done } from '../../test/builders/gates.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { RemediationWorld } from '../../test/fakes/remediation-world.ts';
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
    world: aWorld({ policies, nodes: [node(labels)] }),
    now: () => noon,
  });
  const result = planner({ alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1, ...input });
  if (!result.ok) throw new Error(result.message);
  return { spec: result.remediation.spec, name: result.remediation.metadata.name, warnings: result.warnings };
}

const approval = { required: 2, approverGroups: ['sre'], requesterMayApprove: false, timeout: '5m' };

describe('an attempt that is planned under policies', () => {
  it('keeps whom they want to approve it, until when, and what its rule wants if that is more', () => {
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

  it('is under those only that are about its target', () => {
    const gpu = { selector: { targetSelector: { matchLabels: { pool: 'gpu' } } }, approval };
    expect(plan([gpu], {}, { pool: 'web' }).spec).not.toHaveProperty('approval');
    expect(plan([gpu], {}, { pool: 'gpu' }).spec.approval?.required).toBe(2);
  });

  it('is a dry run where one of them allows nothing else, whoever asks, and says so', () => {
    for (const requestedBy of [undefined, { username: 'jane', via: 'kubectl' as const }]) {
      const { spec, name, warnings } = plan([{ dryRun: true }, {}], { requestedBy });
      expect(spec.dryRun).toBe(true);
      expect(name).not.toBe(plan([]).name);
      expect(warnings).toEqual(['nothing is submitted: policy p0 allows dry runs only']);
    }
  });

  it('says when nobody can approve it, and is not open to everybody for that', () => {
    const { spec, warnings } = plan([{ approval }, { approval: { ...approval, approverGroups: ['gpu'] } }]);
    expect(spec.approval?.approverGroups).toEqual(['sre']);
    expect(warnings).toEqual(['nobody can approve it: policies p0, p1 have no approver group in common']);
  });
});

const said = { via: 'kubectl', time: '2026-01-02T12:00:00Z', decision: 'Approved' as const };

describe('an approval', () => {
  function approved(required: number, users: string[]): RemediationWorld {
    const remediation = planned();
    const spec = { ...remediation.spec, approval: { required } };
    const world = new RemediationWorld(anAlert(), { ...remediation, spec });
    world.say({ approvals: users.map((user) => ({ ...said, user, groups: [] })) });
    return world;
  }

  it('of somebody who may not approve any more does not count, and another one may take its place', async () => {
    const world = approved(1, ['joe']);
    world.revoked.add('joe');
    await reconcileIn(world);
    expect(world.remediation?.status).toMatchObject({ phase: 'AwaitingApproval', reason: 'ApprovalPending' });
    expect(world.remediation?.status?.message).toContain('the approval of joe does not count: may not any more');
    expect(world.created).toBe(0);
    world.say({ approvals: ['joe', 'jane'].map((user) => ({ ...said, user, groups: [] })) });
    await reconcileIn(world);
    expect(world.created).toBe(1);
  });

  it('that lapsed after it was put on record does not count either', async () => {
    const world = approved(1, ['joe']);
    world.policies = [aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } })];
    await reconcileIn(world);
    expect(world.remediation?.status?.phase).toBe('Blocked');
    world.policies = [];
    world.revoked.add('joe');
    await reconcileIn(world);
    expect(world.remediation?.status?.phase).toBe('AwaitingApproval');
    world.now = after(900);
    await reconcileIn(world);
    expect(world.remediation?.status?.phase).toBe('Expired');
    expect(world.created).toBe(0);
  });

  it('is asked about only once enough people have approved', async () => {
    const world = approved(2, ['joe']);
    world.revoked.add('joe');
    await reconcileIn(world);
    expect(world.remediation?.status?.message).toContain('1 of 2 approvals (joe)');
  });
});

describe('an attempt behind a breaker that is half open', () => {
  const failures = ['11:10', '11:20', '11:30'].map((time) => done('Failed', `2026-01-02T${time}:00Z`));

  function behind(): RemediationWorld {
    const world = new RemediationWorld(anAlert(), planned());
    world.policies = [aPolicy({ spec: { circuitBreaker: { failures: 3, openFor: '1h' } } })];
    world.others = failures;
    return world;
  }

  it('waits until it opens, then for a person though nobody had to approve it, and runs when one does', async () => {
    const world = behind();
    expect(await reconcileIn(world)).toEqual({ requeueAfterMs: 1_800_000 });
    expect(world.remediation?.status).toMatchObject({ phase: 'Blocked', reason: 'CircuitOpen' });
    world.now = after(1800);
    await reconcileIn(world);
    expect(world.remediation?.status).toMatchObject({ phase: 'AwaitingApproval', reason: 'CircuitHalfOpen' });
    expect(world.created).toBe(0);
    world.now = after(1900);
    world.say({ approvals: [{ ...said, user: 'jane', groups: [] }] });
    await reconcileIn(world);
    expect(world.phases).toEqual(['Blocked', 'AwaitingApproval', 'Approved']);
    expect(world.created).toBe(1);
  });

  it('is denied when nobody does, and rejected by one no', async () => {
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

  it('goes through Approved when the wait for people is lifted meanwhile, so that no rejection is lost', async () => {
    const world = behind();
    world.now = after(1800);
    await reconcileIn(world);
    world.policies = [];
    await reconcileIn(world);
    expect(world.phases).toEqual(['AwaitingApproval', 'Approved']);
    expect(world.created).toBe(1);
  });
});

describe('a dry run', () => {
  const rehearsed = async (refusal?: string) => {
    const remediation = planned();
    const world = new RemediationWorld(anAlert(), { ...remediation, spec: { ...remediation.spec, dryRun: true } });
    if (refusal !== undefined) world.refusal = { refused: true, message: refusal };
    await reconcileIn(world);
    expect(world.created).toBe(0);
    return world.remediation?.status;
  };

  it('tells what would have been submitted from what the API server would not take', async () => {
    const why = '; its rule allows dry runs only';
    expect(await rehearsed()).toMatchObject({ reason: 'WouldSubmit', message: `would have been submitted${why}` });
    expect(await rehearsed('spec.entrypoint is missing')).toMatchObject({
      phase: 'DryRun',
      reason: 'WouldBeRefused',
      message: `the Workflow could not be created: spec.entrypoint is missing; apart from that it would have been submitted${why}`,
    });
  });

  it('says what each gate would have said, and by which policy it is one', async () => {
    const remediation = planned();
    const world = new RemediationWorld(anAlert(), { ...remediation, spec: { ...remediation.spec, dryRun: true } });
    world.policies = [aPolicy({ spec: { dryRun: true, approval, pause: [{ reason: 'upgrade' }] } })];
    await reconcileIn(world);
    const { phase, message } = world.remediation?.status ?? {};
    expect(phase).toBe('DryRun');
    expect(message).toMatch(/^would have waited at approval \(ApprovalPending: .*\); pause \(Paused: .*\)/);
    expect(message).toMatch(/; policy everything allows dry runs only$/);
    expect(world.created).toBe(0);
  });
});
