import { describe, expect, it } from '@jest/globals';
import type { AlertStatus } from '../../crds/alert.ts';
import type { Approval } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { after, anAlert, aPolicy, aRemediation, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { gateReasons, type GateReason } from '../../crds/reasons.ts';
import { askGates, gates } from './index.ts';
import { withPolicy, type GateFacts } from '../gate.ts';

type Asked = Partial<Omit<GateFacts, 'policy'>> & { policies?: readonly AegisRemediationPolicy[] };

function ask({ policies = [], ...facts }: Asked = {}) {
  const cluster = aCluster({ policies });
  const usual = { remediation: aRemediation(), alert: anAlert(), siblings: [], target: { known: false }, now: noon };
  return askGates(withPolicy({ ...usual, cluster, ...facts }));
}

function answered(gate: string, answer: object) {
  return { gate, answer: expect.objectContaining(answer) as object };
}

const yes = (user: string): Approval => ({ user, via: 'slack', time: '2026-01-02T12:00:00Z', decision: 'Approved' });
const no = (user: string): Approval => ({ ...yes(user), decision: 'Rejected', comment: 'wrong node' });

function waiting(...approvals: Approval[]) {
  return aRemediation({ spec: { approval: { required: 2 } }, status: { approvals } });
}

describe('the reasons of the gates', () => {
  /** The answers of the acquisition itself, which no gate can foretell. */
  const acquired: GateReason[] = ['BudgetUnavailable', 'LockUnavailable'];

  it('the reasons of the gates are in the catalogue of reasons, and every gate reason of the catalogue has a gate', () => {
    const declared = new Set(gates.flatMap(({ reasons }) => reasons));
    expect([...declared, ...acquired].sort()).toEqual(Object.keys(gateReasons).sort());
  });
});

describe('the gate of approvals', () => {
  it('the gate of approvals waits for the required number of users, and shows how long', () => {
    expect(ask({ remediation: waiting(yes('a'), yes('a')) })).toEqual({
      gate: 'approval',
      answer: {
        phase: 'AwaitingApproval',
        reason: 'ApprovalPending',
        message: '1 of 2 approvals (a); denied at 2026-01-02T12:15:00Z',
        until: after(900),
        again: after(450),
      },
    });
    expect(ask({ remediation: waiting(yes('a'), yes('b')) })).toBeUndefined();
  });

  it('the gate of approvals is closed for good by one rejection, also when enough users agreed', () => {
    const answer = { phase: 'Rejected', reason: 'ApprovalRejected', message: 'c rejected it: wrong node' };
    expect(ask({ remediation: waiting(yes('a'), yes('b'), no('c')) })).toEqual(answered('approval', answer));
  });

  it('the gate of approvals is closed for good when no user answers', () => {
    const answer = { phase: 'Expired', reason: 'ApprovalExpired' };
    expect(ask({ remediation: waiting(yes('a')), now: after(900) })).toEqual(answered('approval', answer));
  });

  it('the gate of approvals lets the next gates decide once it has passed', () => {
    const paused = aPolicy({ spec: { pause: [{ reason: 'upgrade' }] } });
    expect(ask({ remediation: waiting(yes('a'), yes('b')), policies: [paused] })?.gate).toBe('pause');
    expect(ask({ remediation: waiting(yes('a')), policies: [paused] })?.gate).toBe('approval');
  });
});

describe('the gate of pauses', () => {
  const byJane = { id: '1', reason: 'upgrade', by: 'jane', since: '2026-01-02T11:00:00Z' };

  it('the gate of pauses is closed by an entry of the spec or of users, and names both', () => {
    const policy = aPolicy({ spec: { pause: [{ reason: 'freeze', by: 'ops' }] }, status: { pauses: [byJane] } });
    const message = 'policy everything is paused by ops: freeze; policy everything is paused by jane: upgrade';
    expect(ask({ policies: [policy] })).toEqual(answered('pause', { reason: 'Paused', message }));
    expect(ask({ policies: [policy] })?.answer.until).toBeUndefined();
  });

  it('the gate of pauses opens by itself when the last entry expires', () => {
    const until = (expires: string) => ({ ...byJane, expires });
    const policies = [
      aPolicy({ status: { pauses: [until('2026-01-02T12:10:00Z'), until('2026-01-02T11:59:00Z')] } }),
      aPolicy({ status: { pauses: [until('2026-01-02T12:20:00Z')] } }),
    ];
    expect(ask({ policies })).toEqual(answered('pause', { until: after(1200) }));
    expect(ask({ policies, now: after(1200) })).toBeUndefined();
  });

  it('the gate of pauses stays closed when an end cannot be read', () => {
    const policies = [aPolicy({ status: { pauses: [{ ...byJane, expires: 'soon' }] } })];
    expect(ask({ policies, now: after(1e9) })?.gate).toBe('pause');
  });

  it('the gate of pauses is closed by a policy that may concern the attempt, not by one that does not', () => {
    const pause = [{ reason: 'freeze' }];
    const maybe = aPolicy({ spec: { selector: { targetSelector: { matchLabels: { pool: 'gpu' } } }, pause } });
    const other = aPolicy({ spec: { selector: { namespaces: ['elsewhere'] }, pause } });
    expect(ask({ policies: [maybe] })?.gate).toBe('pause');
    expect(ask({ policies: [other] })).toBeUndefined();
  });

  it('the gate of pauses names three of many pauses', () => {
    const policies = Array.from({ length: 5 }, () => aPolicy({ spec: { pause: [{ reason: 'freeze' }] } }));
    expect(ask({ policies })?.answer.message).toMatch(/; and 2 more$/);
  });
});

describe('the gate of silences', () => {
  const silenced = (status: Partial<AlertStatus>, firing = true) =>
    anAlert({ spec: { status: firing ? 'Firing' : 'Resolved' }, status: { count: 1, ...status } });
  const quiet = { silencedUntil: '2026-01-02T13:00:00Z', silencedBy: 'jane', silenceReason: 'vendor' };

  it('the gate of silences is closed until the silence of the alert ends', () => {
    const message = 'the alert is silenced until 2026-01-02T13:00:00Z by jane: vendor';
    const answer = { reason: 'Silenced', message, until: after(3600) };
    expect(ask({ alert: silenced(quiet) })).toEqual(answered('silence', answer));
    expect(ask({ alert: silenced(quiet), now: after(3600) })).toBeUndefined();
  });

  it('the gate of silences does not block attempts for the end of the alert', () => {
    const remediation = aRemediation({ spec: { alertStatus: 'Resolved' } });
    expect(ask({ alert: silenced(quiet, false), remediation })).toBeUndefined();
  });
});
