import { describe, expect, it } from '@jest/globals';
import { lockName } from '../../crds/names.ts';
import type { RemediationTarget } from '../../crds/remediation.ts';
import { aRemediation } from '../../test/builders/objects.ts';
import { controlPlaneLock, holderIdentityOf, parseHolderIdentity, targetLock } from './target-lock.ts';
import { claimsOf, haveSameTarget, describeTarget } from '../attempts/target.ts';

const { lockOf } = targetLock;

const upon = (target: RemediationTarget, risk: 'ReadOnly' | 'Destructive' = 'Destructive') =>
  aRemediation({ spec: { target, risk } });

const node = { kind: 'Node', name: 'dev1' };
const pod = { kind: 'Pod', namespace: 'web', name: 'shop-0' };

describe('the lock of an attempt', () => {
  it.each([
    ['its node, with any namespace of the sender', { ...node, namespace: 'monitoring' }, 'node/dev1'],
    ['the node of a pod', { ...pod, node: 'dev1' }, 'node/dev1'],
    ['a pod whose node is not known', pod, 'pod/web/shop-0'],
    ['any other object', { kind: 'Deployment', namespace: 'web', name: 'shop' }, 'deployment/web/shop'],
    ['an object whose node is irrelevant', { kind: 'Job', namespace: 'a', name: 'b', node: 'dev1' }, 'job/a/b'],
    ['absent without a name', { kind: 'Node' }, undefined],
    ['absent without a kind', { name: '10.0.0.1:9100' }, undefined],
  ])('the lock of an attempt is %s', (_, target: RemediationTarget, lock) => {
    expect(lockOf(upon(target))).toBe(lock);
  });

  it('the lock of an attempt is the same for every spelling of the kind', () => {
    expect(lockOf(upon({ ...node, kind: 'node' }))).toBe(lockOf(upon(node)));
    expect(lockOf(upon({ ...pod, kind: 'POD', node: 'dev1' }))).toBe(lockOf(upon(node)));
  });

  it('an attempt that only reads, or has no target, has no lock', () => {
    expect(lockOf(upon(node, 'ReadOnly'))).toBeUndefined();
    expect(lockOf(aRemediation())).toBeUndefined();
  });

  it("the lock of a pod's node includes the pod, so that it conflicts with an attempt whose node is unknown", () => {
    expect(claimsOf(upon({ ...pod, node: 'dev1' }))).toContain(lockOf(upon(pod)));
  });
});

describe('a node of the control plane', () => {
  const first = upon({ ...node, controlPlane: true });
  const second = upon({ ...pod, node: 'dev2', controlPlane: true });

  it('an attempt on a control plane node shares a lock with the others, beside its own', () => {
    expect([first, second].map(controlPlaneLock.lockOf)).toEqual(['control-plane', 'control-plane']);
    expect([first, second].map(lockOf)).toEqual(['node/dev1', 'node/dev2']);
    expect(claimsOf(first)).toEqual(['control-plane', 'node/dev1']);
    expect(haveSameTarget(first, second)).toBe(false);
  });

  it('an attempt on a control plane node shares no lock with other nodes, and with read-only and undo attempts', () => {
    const undoing = aRemediation({ spec: { ...first.spec, alertStatus: 'Resolved' } });
    const others = [upon(node), upon({ ...node, controlPlane: true }, 'ReadOnly'), undoing];
    expect(others.map(controlPlaneLock.lockOf)).toEqual([undefined, undefined, undefined]);
  });
});

describe('the same target', () => {
  it('two attempts have the same target for the same object, also when its node is not always known', () => {
    expect(haveSameTarget(upon(pod), upon({ ...pod, node: 'dev1' }))).toBe(true);
    expect(haveSameTarget(upon(node), upon(node))).toBe(true);
  });

  it('two attempts have different targets on a pod and its node, on two pods of a node, or without a target', () => {
    expect(haveSameTarget(upon({ ...pod, node: 'dev1' }), upon(node))).toBe(false);
    expect(haveSameTarget(upon({ ...pod, node: 'dev1' }), upon({ ...pod, name: 'shop-1', node: 'dev1' }))).toBe(false);
    expect(haveSameTarget(aRemediation(), aRemediation())).toBe(false);
  });
});

describe('the name of a lock', () => {
  it('the name of a lock describes its target and has a valid length', () => {
    expect(lockName('node/dev1')).toMatch(/^aegis-lock-node-dev1-[0-9a-z]{10}$/);
    const long = lockName(`pod/${'n'.repeat(63)}/${'p'.repeat(253)}`);
    expect(long).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    expect(long.length).toBeLessThan(100);
  });

  it('the names of locks of similar targets differ', () => {
    expect(lockName('node/a.b')).not.toBe(lockName('node/a-b'));
    expect(lockName('node/ü')).toMatch(/^aegis-lock-node-[0-9a-z]{10}$/);
  });
});

describe('the holder of a lock', () => {
  it('the holder of a lock is parsed from its identity', () => {
    const { namespace, name, uid } = aRemediation().metadata;
    expect(parseHolderIdentity(holderIdentityOf(aRemediation()))).toEqual({ namespace, name, uid });
  });

  it.each(['somebody', 'a/b', 'a/b/', '/b/c', 'a/b/c/d'])(
    'the holder of a lock is foreign when it is %s',
    (identity) => {
      expect(parseHolderIdentity(identity)).toBeUndefined();
    },
  );
});

it('a target is described in words', () => {
  expect(describeTarget(node)).toBe('Node dev1');
  expect(describeTarget({ ...pod, node: 'dev1' })).toBe('Pod web/shop-0 on Node dev1');
});
