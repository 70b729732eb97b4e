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

describe('what an attempt locks', () => {
  it.each([
    ['its node, whatever namespace the sender gave it', { ...node, namespace: 'monitoring' }, 'node/dev1'],
    ['the node of a pod', { ...pod, node: 'dev1' }, 'node/dev1'],
    ['a pod whose node is not known', pod, 'pod/web/shop-0'],
    ['any other object', { kind: 'Deployment', namespace: 'web', name: 'shop' }, 'deployment/web/shop'],
    ['an object whose node means nothing', { kind: 'Job', namespace: 'a', name: 'b', node: 'dev1' }, 'job/a/b'],
    ['nothing without a name', { kind: 'Node' }, undefined],
    ['nothing without a kind', { name: '10.0.0.1:9100' }, undefined],
  ])('is %s', (_, target: RemediationTarget, lock) => {
    expect(lockOf(upon(target))).toBe(lock);
  });

  it('is the same however the kind is written', () => {
    expect(lockOf(upon({ ...node, kind: 'node' }))).toBe(lockOf(upon(node)));
    expect(lockOf(upon({ ...pod, kind: 'POD', node: 'dev1' }))).toBe(lockOf(upon(node)));
  });

  it('is nothing when it only reads, or has no target', () => {
    expect(lockOf(upon(node, 'ReadOnly'))).toBeUndefined();
    expect(lockOf(aRemediation())).toBeUndefined();
  });

  it('of a pod claims the pod as well, so that one whose node is not known meets one whose node is', () => {
    expect(claimsOf(upon({ ...pod, node: 'dev1' }))).toContain(lockOf(upon(pod)));
  });
});

describe('a node of the control plane', () => {
  const first = upon({ ...node, controlPlane: true });
  const second = upon({ ...pod, node: 'dev2', controlPlane: true });

  it('shares a lock with the others, beside its own', () => {
    expect([first, second].map(controlPlaneLock.lockOf)).toEqual(['control-plane', 'control-plane']);
    expect([first, second].map(lockOf)).toEqual(['node/dev1', 'node/dev2']);
    expect(claimsOf(first)).toEqual(['control-plane', 'node/dev1']);
    expect(haveSameTarget(first, second)).toBe(false);
  });

  it('shares none with other nodes, with what only reads, and with what undoes an action', () => {
    const undoing = aRemediation({ spec: { ...first.spec, alertStatus: 'Resolved' } });
    const others = [upon(node), upon({ ...node, controlPlane: true }, 'ReadOnly'), undoing];
    expect(others.map(controlPlaneLock.lockOf)).toEqual([undefined, undefined, undefined]);
  });
});

describe('the same target', () => {
  it('is the same object, also when its node is not always known', () => {
    expect(haveSameTarget(upon(pod), upon({ ...pod, node: 'dev1' }))).toBe(true);
    expect(haveSameTarget(upon(node), upon(node))).toBe(true);
  });

  it('is not a pod and its node, two pods of a node, or what has no target', () => {
    expect(haveSameTarget(upon({ ...pod, node: 'dev1' }), upon(node))).toBe(false);
    expect(haveSameTarget(upon({ ...pod, node: 'dev1' }), upon({ ...pod, name: 'shop-1', node: 'dev1' }))).toBe(false);
    expect(haveSameTarget(aRemediation(), aRemediation())).toBe(false);
  });
});

describe('the name of a lock', () => {
  it('says what it is about and fits', () => {
    expect(lockName('node/dev1')).toMatch(/^aegis-lock-node-dev1-[0-9a-z]{10}$/);
    const long = lockName(`pod/${'n'.repeat(63)}/${'p'.repeat(253)}`);
    expect(long).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    expect(long.length).toBeLessThan(100);
  });

  it('tells apart what reads alike', () => {
    expect(lockName('node/a.b')).not.toBe(lockName('node/a-b'));
    expect(lockName('node/ü')).toMatch(/^aegis-lock-node-[0-9a-z]{10}$/);
  });
});

describe('the holder of a lock', () => {
  it('is read back from its identity', () => {
    const { namespace, name, uid } = aRemediation().metadata;
    expect(parseHolderIdentity(holderIdentityOf(aRemediation()))).toEqual({ namespace, name, uid });
  });

  it.each(['somebody', 'a/b', 'a/b/', '/b/c', 'a/b/c/d'])('is not one of ours when it is %s', (identity) => {
    expect(parseHolderIdentity(identity)).toBeUndefined();
  });
});

it('a target is described in words', () => {
  expect(describeTarget(node)).toBe('Node dev1');
  expect(describeTarget({ ...pod, node: 'dev1' })).toBe('Pod web/shop-0 on Node dev1');
});
