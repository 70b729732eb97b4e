import { describe, expect, it } from '@jest/globals';
import type { AegisAlert } from '../../crds/alert.ts';
import type { RemediationStatus } from '../../crds/remediation.ts';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { after, anAlert, aPolicy, aRemediation, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { verify, type VerificationFacts } from './verification.ts';
import type { NodeFacts } from '../cluster-view.ts';

const verification = { healthyFor: '1m', timeout: '10m' };
const began = new Date('2026-01-02T11:59:00Z');

function asking(spec: Partial<RemediationPolicySpec> = { verification }) {
  return aPolicy({ spec });
}

function aNode(ready: string, unschedulable = false): NodeFacts {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'dev1', uid: 'node-1' },
    spec: { unschedulable },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

/** Over, as Aegis heard at this time; `endsAt` is the sender's. */
function resolved(at: string, endsAt = at, name = 'default-disk-0123456789'): AegisAlert {
  return anAlert({
    metadata: { name, annotations: { 'aegis.io/resolved-at': at } },
    spec: { status: 'Resolved', endsAt },
  });
}

function judged({
  status,
  policies = [asking()],
  nodes = [],
  uid = '',
  ...facts
}: Partial<VerificationFacts> & {
  status?: RemediationStatus;
  policies?: ReturnType<typeof asking>[];
  nodes?: NodeFacts[];
  uid?: string;
} = {}) {
  return verify(
    {
      remediation: aRemediation({ spec: { target: { kind: 'Node', name: 'dev1', uid } }, ...(status && { status }) }),
      alert: anAlert(),
      episodes: [],
      cluster: aCluster({ policies, nodes }),
      target: { known: false },
      now: noon,
      ...facts,
    },
    began,
  );
}

/** An attempt that is watched since noon. */
const watched: RemediationStatus = {
  phase: 'Verifying',
  verification: { actedAt: '2026-01-02T11:59:00Z', since: '2026-01-02T12:00:00Z' },
};

describe('an attempt whose Workflow succeeded', () => {
  it('an attempt whose Workflow succeeded has succeeded where no policy that concerns it requires more', () => {
    const elsewhere = asking({ verification, selector: { namespaces: ['elsewhere'] } });
    for (const policies of [[], [asking({})], [elsewhere]]) {
      expect(judged({ policies }).standing).toMatchObject({ phase: 'Succeeded', reason: 'WorkflowSucceeded' });
    }
  });

  it('an attempt for a resolve has succeeded without a wait for its alert, which has already ended', () => {
    const remediation = aRemediation({ spec: { alertStatus: 'Resolved' } });
    expect(judged({ remediation }).standing).toMatchObject({ reason: 'WorkflowSucceeded' });
  });

  it('an attempt whose Workflow succeeded is verified while its alert fires, and shows until when', () => {
    const { standing, requeueAt } = judged();
    expect(standing).toMatchObject({
      phase: 'Verifying',
      reason: 'AlertFiring',
      message: 'the Workflow succeeded, but the alert still fires; timeout at 2026-01-02T12:10:00Z',
      verification: watched.verification,
    });
    expect(requeueAt).toEqual(after(600));
  });

  it('an attempt whose Workflow succeeded was ineffective when its alert fires for longer than the policy waits', () => {
    expect(judged({ status: watched, now: after(599) }).standing.phase).toBe('Verifying');
    expect(judged({ status: watched, now: after(600) }).standing).toMatchObject({
      phase: 'Ineffective',
      reason: 'AlertStillFiring',
      message: 'the Workflow succeeded, but after 600 s the alert still fires',
    });
  });

  it('an attempt whose Workflow succeeded has succeeded once its alert was resolved for long enough', () => {
    const alert = resolved('2026-01-02T12:02:00.700Z');
    const first = judged({ status: watched, alert, now: after(121) });
    expect(first).toMatchObject({
      standing: { phase: 'Verifying', reason: 'Recovering', verification: { healthySince: '2026-01-02T12:02:01Z' } },
      requeueAt: after(181),
    });
    const status = { ...watched, verification: first.standing.verification } as RemediationStatus;
    expect(judged({ status, alert, now: after(180) }).standing.phase).toBe('Verifying');
    expect(judged({ status, alert, now: after(181) }).standing).toMatchObject({
      phase: 'Succeeded',
      reason: 'Verified',
    });
  });

  it('the verification of an attempt takes the longest times of all policies', () => {
    const policies = [asking(), asking({ verification: { healthyFor: '30s', timeout: '1h' } })];
    expect(judged({ policies }).requeueAt).toEqual(after(3600));
    const status = { ...watched, verification: { ...watched.verification, healthySince: '2026-01-02T12:00:00Z' } };
    const silent = resolved('2026-01-02T12:00:00Z');
    const { requeueAt } = judged({ status: status as RemediationStatus, policies, alert: silent, now: after(31) });
    expect(requeueAt).toEqual(after(60));
  });

  it('an alert that resolved before the deadline may have to stay resolved until after it', () => {
    const verified = { ...watched.verification, healthySince: '2026-01-02T12:09:50Z' };
    const status = { phase: 'Verifying', verification: verified } as RemediationStatus;
    const alert = resolved('2026-01-02T12:09:50Z');
    expect(judged({ status, alert, now: after(610) })).toMatchObject({ requeueAt: after(650) });
    expect(judged({ status, alert, now: after(650) }).standing.phase).toBe('Succeeded');
  });

  it('an attempt was ineffective when its alert resolved too late, also when no run saw it meanwhile', () => {
    const alert = resolved('2026-01-02T12:11:00Z');
    expect(judged({ status: watched, alert, now: after(3600) }).standing).toMatchObject({ phase: 'Ineffective' });
    const intime = resolved('2026-01-02T12:09:00Z');
    expect(judged({ status: watched, alert: intime, now: after(3600) }).standing).toMatchObject({ phase: 'Verifying' });
  });

  it('an attempt is not verified by a resolve while the same alert fires again as a new episode', () => {
    const alert = resolved('2026-01-02T12:01:00Z');
    const status = { ...watched, verification: { ...watched.verification, healthySince: '2026-01-02T12:01:00Z' } };
    const again = anAlert({ metadata: { name: 'again' } });
    const during = judged({ status: status as RemediationStatus, alert, episodes: [again], now: after(130) });
    expect(during.standing).toMatchObject({ phase: 'Verifying', reason: 'AlertFiring' });
    expect(during.standing.verification).not.toHaveProperty('healthySince');
    const over = resolved('2026-01-02T12:01:50Z', undefined, 'again');
    const later = judged({ status: status as RemediationStatus, alert, episodes: [over], now: after(130) });
    expect(later).toMatchObject({ standing: { phase: 'Verifying' }, requeueAt: after(170) });
  });
});

describe('the node of an attempt', () => {
  const alert = resolved('2026-01-02T12:00:30Z');

  it('the node of a verified attempt must be Ready, and may be cordoned', () => {
    expect(judged({ alert, nodes: [aNode('False')], now: after(60) }).standing).toMatchObject({
      phase: 'Verifying',
      reason: 'TargetUnhealthy',
      message: expect.stringContaining('node dev1 is not Ready') as unknown,
    });
    expect(judged({ alert, nodes: [aNode('True', true)], now: after(60) }).standing.reason).toBe('Recovering');
    const late = judged({ status: watched, alert, nodes: [aNode('Unknown')], now: after(600) });
    expect(late.standing).toMatchObject({ phase: 'Ineffective', reason: 'TargetUnhealthy' });
  });

  it('F8: a node that is Ready does not outweigh an alert that still fires', () => {
    const nodes = [aNode('True')];
    expect(judged({ nodes, now: after(1) }).standing).toMatchObject({ phase: 'Verifying', reason: 'AlertFiring' });
    expect(judged({ nodes, status: watched, now: after(600) }).standing).toMatchObject({
      phase: 'Ineffective',
      reason: 'AlertStillFiring',
    });
  });

  it('a node that is gone makes the verdict inconclusive, and an attempt without a node needs none', () => {
    const gone = { status: watched, alert, uid: 'node-1' };
    expect(judged({ ...gone, now: after(60) }).standing).toMatchObject({ phase: 'Verifying', reason: 'TargetGone' });
    expect(judged({ ...gone, now: after(600) }).standing).toMatchObject({
      phase: 'Inconclusive',
      reason: 'TargetGone',
    });
    expect(judged({ ...gone, uid: '', now: after(60) }).standing.reason).toBe('Recovering');
  });
});

describe('an inconclusive verification', () => {
  it.each([
    ['arrived before the Workflow began', resolved('2026-01-02T11:58:00Z')],
    ['says that it was over before', resolved('2026-01-02T12:00:00Z', '2026-01-02T11:58:59Z')],
    ['came in the same second', resolved('2026-01-02T11:59:00.900Z')],
  ])('a verification is inconclusive when the resolve %s', (_, alert) => {
    expect(judged({ alert }).standing).toMatchObject({ phase: 'Inconclusive', reason: 'ResolvedBefore' });
  });

  it('a verification is inconclusive when the alert is gone', () => {
    const other = anAlert({ metadata: { uid: 'alert-2' } });
    for (const alert of [undefined, other]) {
      expect(judged({ alert }).standing).toMatchObject({ phase: 'Inconclusive', reason: 'AlertDeleted' });
      expect(judged({ alert, policies: [] }).standing).toMatchObject({ phase: 'Succeeded' });
    }
  });

  it('a verification is inconclusive when a user cancels it meanwhile', () => {
    const cancellation = { user: 'jane', via: 'kubectl', time: '2026-01-02T12:01:00Z' };
    expect(judged({ status: { ...watched, cancellation } }).standing).toMatchObject({
      phase: 'Inconclusive',
      reason: 'CancelledByUser',
      message: expect.stringContaining('jane') as unknown,
    });
  });
});
