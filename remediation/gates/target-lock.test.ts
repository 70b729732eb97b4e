import { describe, expect, it } from '@jest/globals';
import type { AegisRemediation, RemediationPhase, RemediationTarget } from '../../crds/remediation.ts';
import { anAlert, aRemediation, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { targetLock } from './target-lock.ts';
import { withPolicy } from '../gate.ts';

const node = { kind: 'Node', name: 'dev1' };
const pod = { kind: 'Pod', namespace: 'web', name: 'shop-0' };

function upon(target: RemediationTarget, phase?: RemediationPhase, name = 'other'): AegisRemediation {
  const spec = { target, alertRef: { name, uid: name } };
  return aRemediation({
    metadata: { name, uid: name, namespace: 'elsewhere' },
    spec,
    ...(phase && { status: { phase } }),
  });
}

function ask(target: RemediationTarget, ...attempts: AegisRemediation[]) {
  const remediation = upon(target, undefined, 'own');
  const cluster = aCluster({ attempts: [remediation, ...attempts] });
  return targetLock.ask(
    withPolicy({ remediation, alert: anAlert(), siblings: [], cluster, target: { known: false }, now: noon }),
  );
}

describe('the gate of targets', () => {
  it.each<RemediationPhase>(['Submitted', 'Running', 'Verifying'])(
    'the gate of target locks names the attempt that is %s on the same target',
    (phase) => {
      const message = 'elsewhere/other acts on Node dev1';
      expect(ask(node, upon(node, phase))).toEqual({ reason: 'ResourceBusy', message });
    },
  );

  it.each<RemediationPhase | undefined>([undefined, 'Pending', 'Blocked', 'AwaitingApproval', 'Approved', 'Succeeded'])(
    'the gate of target locks passes an attempt while another one is %s',
    (phase) => {
      expect(ask(node, upon(node, phase))).toBeUndefined();
    },
  );

  it('the gate of target locks passes an undo attempt of one that is only being verified', () => {
    const done = upon(node, 'Verifying', 'own');
    const undo = { ...done, metadata: { ...done.metadata, name: 'undo', uid: 'undo' }, status: {} };
    const asked = (alertStatus: 'Firing' | 'Resolved', phase: RemediationPhase) => {
      const remediation = { ...undo, spec: { ...undo.spec, alertStatus } };
      const cluster = aCluster({ attempts: [remediation, { ...done, status: { phase } }] });
      const rest = { alert: anAlert(), siblings: [], cluster, target: { known: false }, now: noon };
      return targetLock.ask(withPolicy({ remediation, ...rest }));
    };
    expect(asked('Resolved', 'Verifying')).toBeUndefined();
    expect(asked('Resolved', 'Running')).toMatchObject({ reason: 'ResourceBusy' });
    expect(asked('Firing', 'Verifying')).toMatchObject({ reason: 'ResourceBusy' });
  });

  it.each<[string, RemediationTarget, RemediationTarget]>([
    ['a pod of a target node', { ...pod, node: 'dev1' }, node],
    ['the node of a target pod', node, { ...pod, node: 'dev1' }],
    ['a pod beside another on the same node', { ...pod, node: 'dev1' }, { ...pod, name: 'shop-1', node: 'dev1' }],
    ['a pod whose node is known to the other attempt only', pod, { ...pod, node: 'dev1' }],
    ['a pod whose node is unknown to the other attempt', { ...pod, node: 'dev1' }, pod],
  ])('the gate of target locks blocks %s', (_, own, others) => {
    expect(ask(own, upon(others, 'Running'))).toMatchObject({ reason: 'ResourceBusy' });
  });

  it.each<[string, RemediationTarget, RemediationTarget]>([
    ['another node', node, { ...node, name: 'dev2' }],
    ['a pod of another node', node, { ...pod, node: 'dev2' }],
    ['a target without a name', {}, {}],
  ])('the gate of target locks ignores %s', (_, own, others) => {
    expect(ask(own, upon(others, 'Running'))).toBeUndefined();
  });
});
