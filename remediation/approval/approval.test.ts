import { describe, expect, it } from '@jest/globals';
import type { AegisRemediation, Approval, RemediationPhase, RemediationSpec } from '../../crds/remediation.ts';
import { after, aRemediation, noon } from '../../test/builders/objects.ts';
import { approvalStateOf, decideApproval, type ApprovalRequest } from './approval.ts';

const hash = `sha256:${'0'.repeat(64)}`;
const jane = { name: 'jane', groups: ['oncall', 'system:authenticated'], via: 'kubectl' };

function said(user: string, decision: Approval['decision'] = 'Approved'): Approval {
  return { user, via: 'kubectl', time: '2026-01-02T12:00:00Z', decision };
}

function attempt(approvals: Approval[], spec: Partial<RemediationSpec> = {}): AegisRemediation {
  return aRemediation({
    spec: { approval: { required: 2 }, ...spec },
    status: { phase: 'AwaitingApproval', approvals },
  });
}

const byHand: Partial<RemediationSpec> = { requestedBy: { username: 'jane', via: 'kubectl' } };

describe('the approval of an attempt', () => {
  it.each<[string, AegisRemediation, Date, object]>([
    ['that needs no approval', attempt([], { approval: { required: 0 } }), after(9e6), { state: 'NotNeeded' }],
    ['without a field approval', aRemediation(), after(9e6), { state: 'NotNeeded' }],
    ['that no user answered', attempt([]), noon, { state: 'Open', approvers: [] }],
    ['that one user approved', attempt([said('a')]), noon, { state: 'Open', approvers: ['a'] }],
    ['that one user approved twice', attempt([said('a'), said('a')]), noon, { state: 'Open', approvers: ['a'] }],
    ['that two users approved', attempt([said('a'), said('b')]), noon, { state: 'Granted' }],
    ['that two users approved long ago', attempt([said('a'), said('b')]), after(9e6), { state: 'Granted' }],
    ['that was rejected', attempt([said('a'), said('b'), said('c', 'Rejected')]), noon, { state: 'Rejected' }],
    ['that its requester approved', attempt([said('jane'), said('b')], byHand), noon, { state: 'Open' }],
    [
      'that its requester may approve',
      attempt([said('jane'), said('b')], { ...byHand, approval: { required: 2, requesterMayApprove: true } }),
      noon,
      { state: 'Granted' },
    ],
    ['a second before its timeout', attempt([said('a')]), after(899), { state: 'Open' }],
    ['that no user answered in a quarter of an hour', attempt([said('a')]), after(900), { state: 'Expired' }],
    [
      'that no user answered before its deadline',
      attempt([], { approval: { required: 1, expiresAt: '2026-01-02T12:01:00Z' } }),
      after(60),
      { state: 'Expired', deadline: after(60) },
    ],
  ])('the approval of an attempt %s has the right state', (_, remediation, now, expected) => {
    expect(approvalStateOf(remediation, now)).toMatchObject(expected);
  });
});

function decide(remediation: AegisRemediation, request: Partial<ApprovalRequest> = {}, now = noon, by = jane) {
  return decideApproval(remediation, by, { decision: 'Approved', manifestHash: hash, ...request }, now);
}

describe('the decision of a user about an attempt', () => {
  it('a decision is recorded with the user, the client, the time and the reason', () => {
    expect(decide(attempt([]), { comment: 'go' }, after(5))).toEqual({
      outcome: 'append',
      approval: {
        user: 'jane',
        groups: ['oncall', 'system:authenticated'],
        via: 'kubectl',
        time: '2026-01-02T12:00:05Z',
        decision: 'Approved',
        comment: 'go',
      },
    });
  });

  it('a decision keeps the relevant groups of a user with many groups', () => {
    const groups = [...Array.from({ length: 100 }, (_, index) => `group-${index}`), 'x'.repeat(300), 'gpu'];
    const guarded = attempt([], { approval: { required: 1, approverGroups: ['gpu'] } });
    const decided = decide(guarded, {}, noon, { ...jane, groups });
    if (decided.outcome !== 'append') throw new Error(decided.outcome);
    expect(decided.approval.groups).toHaveLength(64);
    expect(decided.approval.groups?.slice(0, 2)).toEqual(['gpu', 'group-0']);
  });

  it('a decision is accepted where a gate waits for a user though no approval is required, until that wait ends', () => {
    const blockedUntil = '2026-01-02T13:00:00Z';
    const waits = { ...aRemediation(), status: { phase: 'AwaitingApproval' as const, blockedUntil } };
    expect(decide(waits, {}, after(3599))).toMatchObject({ outcome: 'append' });
    expect(decide(waits, { decision: 'Rejected' }, after(3599))).toMatchObject({ outcome: 'append' });
    expect(decide(waits, {}, after(3600))).toMatchObject({ why: 'conflict' });
  });

  it.each([hash, '0'.repeat(64), ` SHA256:${'0'.repeat(64)}`])(
    'a decision may name the manifest as %s',
    (manifestHash) => {
      expect(decide(attempt([]), { manifestHash })).toMatchObject({ outcome: 'append' });
    },
  );

  it.each([undefined, 'Pending', 'Blocked', 'AwaitingApproval'] as const)(
    'a decision counts while the attempt is %s',
    (phase) => {
      const remediation = { ...attempt([]), status: phase === undefined ? {} : { phase } };
      expect(decide(remediation)).toMatchObject({ outcome: 'append' });
    },
  );

  it('a decision is unchanged when it is repeated, also later', () => {
    const done = { ...attempt([]), status: { phase: 'Succeeded' as const, approvals: [said('jane')] } };
    expect(decide(done, {}, after(9e6))).toEqual({ outcome: 'unchanged' });
    expect(decide(attempt([said('jane', 'Rejected')]), { decision: 'Rejected' })).toEqual({ outcome: 'unchanged' });
  });

  it('a decision may be changed to a rejection, which is final', () => {
    expect(decide(attempt([said('jane')]), { decision: 'Rejected' })).toMatchObject({ outcome: 'append' });
    const rejected = attempt([said('jane'), said('jane', 'Rejected')]);
    for (const decision of ['Approved', 'Rejected'] as const) {
      const joe = decide(rejected, { decision }, noon, { ...jane, name: 'joe' });
      expect(joe).toMatchObject({ outcome: 'refused', why: 'conflict' });
    }
    expect(decide(rejected)).toMatchObject({ outcome: 'refused', why: 'conflict' });
  });

  it('a decision about another manifest is refused, and the message names the right one', () => {
    const refusal = decide(attempt([]), { manifestHash: `sha256:${'1'.repeat(64)}` });
    expect(refusal).toMatchObject({
      outcome: 'refused',
      why: 'conflict',
      message: expect.stringContaining(hash) as unknown,
    });
  });

  it.each<RemediationPhase>([
    'Approved',
    'Submitted',
    'Running',
    'Succeeded',
    'Failed',
    'Expired',
    'Cancelled',
    'Superseded',
  ])('a decision comes too late when the attempt is %s', (phase) => {
    for (const decision of ['Approved', 'Rejected'] as const) {
      const refusal = decide({ ...attempt([]), status: { phase } }, { decision });
      expect(refusal).toMatchObject({ why: 'conflict', message: expect.stringContaining(phase) as unknown });
    }
  });

  it('a decision comes too late after the timeout, a cancellation, or the creation of the Workflow', () => {
    expect(decide(attempt([]), {}, after(900))).toMatchObject({ why: 'conflict' });
    const cancellation = { user: 'joe', via: 'kubectl', time: '2026-01-02T12:00:00Z' };
    expect(decide({ ...attempt([]), status: { cancellation } })).toMatchObject({ why: 'conflict' });
    const workflowRef = { name: 'w', namespace: 'n' };
    expect(decide({ ...attempt([]), status: { workflowRef } })).toMatchObject({ why: 'conflict' });
  });

  it('an approval is refused where none is needed', () => {
    expect(decide(aRemediation())).toMatchObject({ why: 'conflict' });
    expect(decide(aRemediation(), { decision: 'Rejected' })).toMatchObject({ why: 'conflict' });
  });

  it('an approval is refused to the requester; a rejection is accepted', () => {
    expect(decide(attempt([], byHand))).toMatchObject({ why: 'forbidden' });
    expect(decide(attempt([], byHand), { decision: 'Rejected' })).toMatchObject({ outcome: 'append' });
  });

  it('an approval is refused to users outside the groups that may approve; a rejection by them is accepted', () => {
    const guarded = (approverGroups: string[]) => attempt([], { approval: { required: 1, approverGroups } });
    expect(decide(guarded(['gpu', 'oncall']))).toMatchObject({ outcome: 'append' });
    expect(decide(guarded(['gpu']))).toMatchObject({
      why: 'forbidden',
      message: expect.stringContaining('gpu') as unknown,
    });
    expect(decide(guarded(['gpu']), { decision: 'Rejected' })).toMatchObject({ outcome: 'append' });
  });

  it('an attempt has room for 32 decisions', () => {
    const crowd = Array.from({ length: 32 }, (_, index) => said(`user-${index}`));
    const remediation = attempt(crowd, { approval: { required: 10 } });
    expect(decide(remediation)).toMatchObject({ why: 'conflict' });
  });
});
