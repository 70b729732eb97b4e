import { describe, expect, it } from '@jest/globals';
import type { Risk } from '../../crds/ops-template.ts';
import { after, anAlert, aPolicy } from '../../test/builders/objects.ts';
import { askGate, onNode } from '../../test/builders/gates.ts';

const approvals = [
  { user: 'joe', groups: [], via: 'kubectl', time: '2026-01-02T12:00:00Z', decision: 'Approved' as const },
];

describe('the gate of targets', () => {
  const remediation = onNode({ spec: { target: { kind: 'Node', name: 'dev1', uid: 'old' } } });
  const ask = (target: object) => askGate('target-changed', { remediation, target: { known: true, ...target } });

  it('the gate of targets ends an attempt whose object is gone or was replaced', () => {
    expect(ask({ uid: 'new' })).toEqual({
      phase: 'Superseded',
      reason: 'TargetChanged',
      message: 'Node dev1 with uid old was the target, and the object of that name now has uid new',
    });
    expect(ask({})?.message).toContain('it no longer exists');
  });

  it('the gate of targets passes unchanged objects, objects that were not read, and objects outside the cluster', () => {
    expect(ask({ uid: 'old' })).toBeUndefined();
    expect(ask({ known: false })).toBeUndefined();
    const unknown = onNode({ spec: { target: { kind: 'Node', name: 'dev1', uid: '' } } });
    expect(askGate('target-changed', { remediation: unknown, target: { known: true } })).toBeUndefined();
  });
});

describe('the gate of alerts whose text a model interpreted', () => {
  const alert = anAlert({ spec: { trust: 'Inferred' } });
  const ask = (risk: Risk, facts: Parameters<typeof askGate>[1] = {}) =>
    askGate('untrusted-alert', { alert, remediation: onNode({ spec: { risk } }), ...facts });

  it('the gate of interpreted alerts waits for a user before any change, and no longer than for any approval', () => {
    for (const risk of ['Reversible', 'Destructive'] as const) {
      expect(ask(risk)).toMatchObject({ phase: 'AwaitingApproval', reason: 'UntrustedAlert', until: after(900) });
    }
    const timeline = [
      { time: '2026-01-02T12:00:00Z', phase: 'AwaitingApproval' as const, reason: 'UntrustedAlert' as const },
    ];
    const late = onNode({ status: { phase: 'AwaitingApproval', timeline } });
    expect(ask('Destructive', { remediation: late, now: after(900) })).toMatchObject({ phase: 'Expired' });
  });

  it('the gate of interpreted alerts passes read-only attempts, attempts of users or with approval, and parsed alerts', () => {
    expect(ask('ReadOnly')).toBeUndefined();
    expect(ask('Destructive', { remediation: onNode({ status: { approvals } }) })).toBeUndefined();
    const byHand = onNode({ spec: { requestedBy: { username: 'jane', via: 'kubectl' } } });
    expect(ask('Destructive', { remediation: byHand })).toBeUndefined();
    expect(ask('Destructive', { alert: anAlert() })).toBeUndefined();
  });

  it('the gate of interpreted alerts accepts no user outside the groups, and no user whose permission was revoked', () => {
    const remediation = onNode({ status: { approvals } });
    const approval = { required: 0, approverGroups: ['sre'], requesterMayApprove: false, timeout: '5m' };
    expect(ask('Destructive', { remediation, policy: { approval } })).toMatchObject({ until: after(300) });
    const revoked = new Map([['joe', 'may not any more']]);
    expect(ask('Destructive', { remediation, revoked })?.reason).toBe('UntrustedAlert');
  });

  it('the gate of interpreted alerts applies to their resolve as well', () => {
    const remediation = onNode({ spec: { alertStatus: 'Resolved' } });
    expect(ask('Reversible', { remediation })?.reason).toBe('UntrustedAlert');
  });
});

describe('the gate of maintenance windows', () => {
  const maintenanceWindows = [{ start: '22:00', end: '06:00', timeZone: 'Europe/Berlin', mode: 'OnlyDuring' as const }];

  it('the gate of maintenance windows is closed outside, and shows when it opens', () => {
    expect(askGate('maintenance-window', { policy: { maintenanceWindows } })).toEqual({
      reason: 'MaintenanceWindow',
      message: 'work may not start now: policy everything: only in 22:00-06:00 Europe/Berlin',
      until: after(9 * 3600),
    });
    expect(askGate('maintenance-window', { policy: { maintenanceWindows }, now: after(9 * 3600) })).toBeUndefined();
  });

  it('the gate of maintenance windows does not block undo attempts', () => {
    const remediation = onNode({ spec: { alertStatus: 'Resolved' } });
    expect(askGate('maintenance-window', { policy: { maintenanceWindows }, remediation })).toBeUndefined();
  });
});

describe('the gate of dry runs', () => {
  it('the gate of dry runs blocks an attempt that was made before a policy allowed dry runs only', () => {
    expect(askGate('dry-run', { policy: { dryRun: true } })).toEqual({
      reason: 'DryRun',
      message: 'planned before policy everything allows dry runs only',
    });
    expect(askGate('dry-run', { policy: { dryRun: false } })).toBeUndefined();
  });
});

describe('the gate of invalid policies', () => {
  it('the gate of invalid policies is closed by any policy that cannot be evaluated, also for undo attempts', () => {
    const policy = { cooldown: 'soon' };
    const remediation = onNode({ spec: { alertStatus: 'Resolved' } });
    for (const facts of [{ policy }, { policy, remediation }]) {
      expect(askGate('readable-policies', facts)).toEqual({
        reason: 'PolicyInvalid',
        message: 'policy everything: spec.cooldown is not a duration: "soon"',
      });
    }
  });

  it('the gate of invalid policies names three of many, and none that concerns other objects', () => {
    const policies = ['a', 'b', 'c', 'd'].map((name) => aPolicy({ metadata: { name }, spec: { cooldown: '?' } }));
    expect(askGate('readable-policies', { policies })?.message).toMatch(/; and 1 more$/);
    const elsewhere = { selector: { namespaces: ['elsewhere'] }, cooldown: '?' };
    expect(askGate('readable-policies', { policy: elsewhere })).toBeUndefined();
  });
});

describe('the gate of approvals under policies', () => {
  const approval = { required: 1, approverGroups: ['sre'], requesterMayApprove: false, timeout: '15m' };
  const ask = (facts: Parameters<typeof askGate>[1]) => askGate('approval', facts);

  it('the gate of approvals requires the approvals that policies demand since the attempt was made', () => {
    expect(ask({ policy: { approval } })).toMatchObject({ phase: 'AwaitingApproval', reason: 'ApprovalPending' });
    expect(ask({})).toBeUndefined();
  });

  it('the gate of approvals counts only users in a group that all policies accept', () => {
    const by = (groups: string[]) => onNode({ status: { approvals: [{ ...approvals[0]!, groups }] } });
    expect(ask({ policy: { approval }, remediation: by(['sre']) })).toBeUndefined();
    expect(ask({ policy: { approval }, remediation: by(['gpu']) })?.message).toContain('0 of 1 approvals');
  });

  it('the gate of approvals is closed where no user can be in the groups of all policies, until the attempt is denied', () => {
    const policies = ['sre', 'gpu'].map((group) =>
      aPolicy({ metadata: { name: group }, spec: { approval: { ...approval, approverGroups: [group] } } }),
    );
    expect(ask({ policies })).toEqual({
      reason: 'ApproversImpossible',
      message: 'no user can approve it: policies sre, gpu have no approver group in common',
      until: after(900),
    });
    expect(ask({ policies, now: after(900) })).toMatchObject({ phase: 'Expired' });
  });

  it('the gate of approvals names the users whose approval does not count any more', () => {
    const remediation = onNode({ spec: { approval: { required: 1 } }, status: { approvals } });
    expect(ask({ remediation })).toBeUndefined();
    const revoked = new Map([['joe', 'may not approve it any more']]);
    expect(ask({ remediation, revoked })).toMatchObject({
      phase: 'AwaitingApproval',
      message: expect.stringContaining('the approval of joe does not count: may not approve it any more') as unknown,
    });
  });

  it('the gate of approvals is closed for good by one rejection also where no approval is required', () => {
    const remediation = onNode({ status: { approvals: [{ ...approvals[0]!, decision: 'Rejected' }] } });
    expect(ask({ remediation })).toMatchObject({ phase: 'Rejected' });
  });
});
