import { describe, expect, it } from '@jest/globals';
import type { Risk } from '../../crds/ops-template.ts';
import type { AegisRemediation, RemediationPhase, RemediationStatus } from '../../crds/remediation.ts';
import { anAlert, aRemediation, aWorkflow, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { decideRemediation } from '../decision/decide.ts';
import { foundOut } from '../../test/builders/facts.ts';

type Changes = NonNullable<Parameters<typeof aRemediation>[0]>;

const dev1 = { kind: 'Node', name: 'dev1' };

function attempt(name: string, { metadata, spec, status }: Changes = {}): AegisRemediation {
  return aRemediation({
    metadata: { name, uid: name, ...metadata },
    spec: { target: dev1, ...spec },
    ...(status && { status }),
  });
}

/** For another alert. It began to act a moment after noon, when the other attempts were made. */
function other(risk: Risk, status: RemediationStatus = { phase: 'Running' }, spec: Changes['spec'] = {}) {
  return attempt('other', {
    spec: { risk, alertRef: { name: 'x', uid: 'alert-2' }, ...spec },
    status: { startTime: '2026-01-02T12:00:01Z', ...status },
  });
}

function decide(remediation: AegisRemediation, rival: AegisRemediation, runs = false) {
  const { alertStatus } = remediation.spec;
  return decideRemediation({
    remediation,
    alert: anAlert({ spec: { status: alertStatus } }),
    siblings: [],
    episodes: [],
    cluster: aCluster({ attempts: [remediation, rival] }),
    target: { known: false },
    workflow: runs ? aWorkflow({ phase: 'Running' }) : undefined,
    run: foundOut,
    deadlines: { start: 600_000, grace: 60_000 },
    now: noon,
  });
}

const superseded = {
  standing: {
    phase: 'Superseded',
    reason: 'StrongerAction',
    message: 'monitoring/other acts on Node dev1 with the higher risk Destructive',
  },
};
const busy = { standing: { phase: 'Blocked', reason: 'ResourceBusy' } };
const waitsForTarget: RemediationStatus = { phase: 'Blocked', reason: 'ResourceBusy' };

describe('an attempt that waits', () => {
  it.each<RemediationPhase>(['Pending', 'Blocked', 'AwaitingApproval', 'Approved'])(
    'an attempt that waits as %s is superseded by one of higher risk that begins to act on its target',
    (phase) => {
      for (const acting of ['Submitted', 'Running', 'Verifying'] as const) {
        const weaker = attempt('weaker', { status: { phase } });
        expect(decide(weaker, other('Destructive', { phase: acting }))).toMatchObject(superseded);
      }
    },
  );

  it('an attempt that waits lets one of higher risk go first that waits only for the same target', () => {
    const message = 'monitoring/other also waits for Node dev1, with the higher risk Destructive';
    expect(decide(attempt('weaker'), other('Destructive', waitsForTarget))).toMatchObject({
      standing: { ...busy.standing, message },
    });
  });

  it.each<[string, RemediationStatus]>([
    ['waits for users', { phase: 'AwaitingApproval', reason: 'ApprovalPending' }],
    ['is paused', { phase: 'Blocked', reason: 'Paused' }],
    ['has not been reconciled', {}],
    ['has ended', { phase: 'Failed' }],
  ])('an attempt is submitted while one of higher risk %s', (_, status) => {
    expect(decide(attempt('weaker'), other('Destructive', status))).toEqual({ action: 'submit' });
  });

  it.each<[string, AegisRemediation, AegisRemediation]>([
    ['of equal risk', attempt('w'), other('Reversible')],
    ['of lower risk', attempt('w', { spec: { risk: 'Destructive' } }), other('Reversible')],
    ['on a pod of its node', attempt('w'), other('Destructive', {}, { target: podOn('dev1') })],
    [
      'that acted before it was made',
      attempt('w', { metadata: { creationTimestamp: '2026-01-02T12:00:02Z' } }),
      other('Destructive'),
    ],
  ])('an attempt waits for one that is %s', (_, waiting, acting) => {
    const running = { ...acting, status: { ...acting.status, phase: 'Running' as const } };
    expect(decide(waiting, running)).toMatchObject(busy);
  });

  it('an attempt of a user waits, and is never superseded', () => {
    const hers = attempt('hers', { spec: { requestedBy: { username: 'jane', via: 'kubectl' } } });
    expect(decide(hers, other('Destructive'))).toMatchObject(busy);
    expect(decide(hers, other('Destructive', waitsForTarget))).toEqual({ action: 'submit' });
  });

  it('an undo attempt waits, and is never superseded', () => {
    const uncordon = attempt('uncordon', { spec: { alertStatus: 'Resolved' } });
    expect(decide(uncordon, other('Destructive'))).toMatchObject(busy);
  });

  it('a read-only attempt waits for no other and blocks none', () => {
    expect(decide(attempt('reads', { spec: { risk: 'ReadOnly' } }), other('Destructive'))).toEqual({
      action: 'submit',
    });
    expect(decide(attempt('acts'), other('ReadOnly'))).toEqual({ action: 'submit' });
  });
});

describe('an attempt that acts', () => {
  it.each<RemediationStatus>([{ phase: 'Running' }, waitsForTarget, {}])(
    'an attempt that acts continues beside one of higher risk with the status %j',
    (status) => {
      const weaker = attempt('weaker', { status: { phase: 'Running' } });
      expect(decide(weaker, other('Destructive', status), true)).toMatchObject({ standing: { phase: 'Running' } });
    },
  );
});

function podOn(node: string) {
  return { kind: 'Pod', namespace: 'web', name: 'shop-0', node };
}
