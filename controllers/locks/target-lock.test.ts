import { beforeEach, describe, expect, it } from '@jest/globals';
import { lockName } from '../../crds/names.ts';
import type { AegisRemediation, RemediationStatus } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { Acquirable } from '../../remediation/locks/acquire.ts';
import type { RemediationFacts } from '../../remediation/decision/facts.ts';
import { after, anAlert, aRemediation, aWorkflow, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { fakeCaches } from '../../test/fakes/caches.ts';
import { LeaseApi } from '../../test/fakes/lease-api.ts';
import { createLockHolders } from './lock-holders.ts';
import { targetLock } from '../../remediation/locks/target-lock.ts';
import { createLockMemory, createTargetLock } from './target-lock.ts';
import { foundOut } from '../../test/builders/facts.ts';

let api: LeaseApi;
/** The attempts in the API server, and those in the caches. */
let attempts: AegisRemediation[];
let cached: AegisRemediation[];
let workflows: Workflow[];
let reads: string[];
let now: Date;

beforeEach(() => {
  api = new LeaseApi();
  [attempts, cached, workflows, reads, now] = [[], [], [], [], noon];
});

/** A worker. */
function aWorker(): Acquirable {
  const caches = fakeCaches({ remediations: cached, workflows });
  const find = ({ name }: { name: string }) => {
    reads.push(name);
    return Promise.resolve(attempts.find(({ metadata }) => metadata.name === name));
  };
  const holders = createLockHolders({ caches, remediations: { find } });
  return createTargetLock({
    kind: targetLock,
    leases: api,
    namespace: 'aegis',
    holders,
    memory: createLockMemory(),
    now: () => now,
  });
}

function attempt(name: string, status: RemediationStatus = {}, spec: Partial<AegisRemediation['spec']> = {}) {
  const target = { kind: 'Node', name: 'dev1' };
  return aRemediation({ metadata: { name, uid: `uid-of-${name}` }, spec: { target, ...spec }, status });
}

function facts(remediation: AegisRemediation): RemediationFacts {
  const deadlines = { start: 600_000, grace: 60_000 };
  const rest = {
    alert: anAlert(),
    siblings: [],
    episodes: [],
    cluster: aCluster(),
    target: { known: false },
    workflow: undefined,
    run: foundOut,
  };
  return { remediation, ...rest, deadlines, now };
}

function holder(): string | undefined {
  return api.stored.get(lockName('node/dev1'))?.spec?.holderIdentity;
}

function workflowOf(name: string, phase: 'Running' | 'Succeeded'): Workflow {
  const labels = { 'aegis.io/remediation': name, 'aegis.io/remediation-namespace': 'monitoring' };
  return aWorkflow({ phase }, { name, labels, ownerReferences: [] });
}

const [one, two] = [attempt('one'), attempt('two')];
const ofOne = 'monitoring/one/uid-of-one';
const ofTwo = 'monitoring/two/uid-of-two';

describe('the lock of a target', () => {
  it('the lock of a target costs two requests', async () => {
    const worker = aWorker();
    expect(await worker.acquire(facts(one))).toBeUndefined();
    await worker.release(one, 'used');
    await worker.release(one, 'used');
    expect(api.requests).toEqual(['create', 'delete']);
    expect(reads).toEqual([]);
  });

  it('the lock of a target shows users its target', async () => {
    await aWorker().acquire(facts(one));
    expect(api.stored.get(lockName('node/dev1'))).toMatchObject({
      metadata: {
        namespace: 'aegis',
        labels: { 'app.kubernetes.io/managed-by': 'aegis', 'aegis.io/lock': 'target', 'aegis.io/remediation': 'one' },
        annotations: { 'aegis.io/target': 'Node dev1', 'aegis.io/template': 'monitoring/cordon' },
      },
      spec: { holderIdentity: ofOne, leaseDurationSeconds: 60, renewTime: '2026-01-02T12:00:00.000000Z' },
    });
  });

  it('an attempt that only reads or has no target needs no lock', async () => {
    const worker = aWorker();
    for (const remediation of [attempt('reads', {}, { risk: 'ReadOnly' }), aRemediation()]) {
      expect(await worker.acquire(facts(remediation))).toBeUndefined();
      await worker.release(remediation, 'used');
    }
    expect(api.requests).toEqual([]);
  });

  it('the lock of a target can be released by another worker than the one that acquired it', async () => {
    await aWorker().acquire(facts(one));
    await aWorker().release(one, 'used');
    expect(holder()).toBeUndefined();
  });

  it('a lock is not released by an attempt that does not hold it', async () => {
    await aWorker().acquire(facts(one));
    await aWorker().release(two, 'used');
    expect(holder()).toBe(ofOne);
  });

  it('a lock is not read when the end of its attempt was recorded minutes ago, because the sweep has run since', async () => {
    const ended = attempt('one', { phase: 'Succeeded', completionTime: '2026-01-02T12:00:00Z' });
    now = after(301);
    await aWorker().release(ended, 'used');
    expect(api.requests).toEqual([]);
    now = after(299);
    await aWorker().release(ended, 'used');
    expect(api.requests).toEqual(['get']);
  });
});

describe('a lock that is held', () => {
  beforeEach(async () => {
    await aWorker().acquire(facts(one));
  });

  it.each<[string, RemediationStatus]>([
    ['has not made its Workflow', {}],
    ['acts', { phase: 'Running' }],
    ['is being verified', { phase: 'Verifying' }],
  ])('a lock stays held while its holder %s', async (_, status) => {
    attempts = [attempt('one', status)];
    const answer = { reason: 'ResourceBusy', message: 'monitoring/one holds the lock of Node dev1' };
    expect(await aWorker().acquire(facts(two))).toEqual(answer);
    expect(holder()).toBe(ofOne);
  });

  it('a lock passes to the undo attempt of the same alert once its holder is only being verified', async () => {
    const undo = attempt('undo', {}, { alertStatus: 'Resolved' });
    attempts = [attempt('one', { phase: 'Running' })];
    expect(await aWorker().acquire(facts(undo))).toMatchObject({ reason: 'ResourceBusy' });
    const verifying = attempt('one', { phase: 'Verifying' });
    attempts = [verifying];
    const ofAnother = attempt('another', {}, { alertStatus: 'Resolved', alertRef: { name: 'x', uid: 'x' } });
    expect(await aWorker().acquire(facts(ofAnother))).toMatchObject({ reason: 'ResourceBusy' });
    expect(await aWorker().acquire(facts(undo))).toBeUndefined();
    expect(holder()).toBe('monitoring/undo/uid-of-undo');
    await aWorker().release(verifying, 'used');
    expect(holder()).toBe('monitoring/undo/uid-of-undo');
  });

  it('a lock is acquired again by its holder after the death of a worker', async () => {
    const worker = aWorker();
    const before = api.stored.get(lockName('node/dev1'))?.metadata.resourceVersion;
    expect(await worker.acquire(facts(one))).toBeUndefined();
    expect(api.stored.get(lockName('node/dev1'))?.metadata.resourceVersion).not.toBe(before);
    await worker.release(one, 'used');
    expect(holder()).toBeUndefined();
  });

  it('F11: a lock passes to the next attempt when its holder has ended, is gone, or is another object of that name', async () => {
    for (const found of [
      [attempt('one', { phase: 'Failed' })],
      [],
      [aRemediation({ metadata: { name: 'one', uid: 'x' } })],
    ]) {
      api.stored.clear();
      await aWorker().acquire(facts(one));
      attempts = found;
      expect(await aWorker().acquire(facts(two))).toBeUndefined();
      expect(holder()).toBe(ofTwo);
      expect(api.stored.get(lockName('node/dev1'))?.spec?.leaseTransitions).toBe(1);
    }
  });

  it('a lock needs no request about a holder whose end the cache has', async () => {
    cached = [attempt('one', { phase: 'Succeeded' })];
    expect(await aWorker().acquire(facts(two))).toBeUndefined();
    expect(reads).toEqual([]);
  });

  it('a lock is not passed on because of a cache that may be stale about its holder', async () => {
    cached = [attempt('one', { phase: 'Running' })];
    attempts = [attempt('one', { phase: 'Succeeded' })];
    expect(await aWorker().acquire(facts(two))).toBeUndefined();
    api.stored.clear();
    await aWorker().acquire(facts(one));
    [cached, attempts] = [[], [attempt('one', { phase: 'Running' })]];
    expect(await aWorker().acquire(facts(two))).toMatchObject({ reason: 'ResourceBusy' });
  });

  it.each([
    ['has ended', [attempt('one', { phase: 'Failed' })]],
    ['is gone', []],
  ])('a lock stays held while the Workflow of a holder that %s still runs', async (_, found) => {
    [attempts, workflows] = [found, [workflowOf('one', 'Running')]];
    const message = 'the Workflow of monitoring/one has not ended';
    expect(await aWorker().acquire(facts(two))).toEqual({ reason: 'ResourceBusy', message, until: after(10) });
    await aWorker().release(one, 'used');
    expect(holder()).toBe(ofOne);
    workflows = [workflowOf('one', 'Succeeded')];
    expect(await aWorker().acquire(facts(two))).toBeUndefined();
  });

  it('a lock is not released by a former holder', async () => {
    const former = aWorker();
    await former.acquire(facts(one));
    await aWorker().acquire(facts(two));
    await former.release(one, 'used');
    expect(holder()).toBe(ofTwo);
  });

  it('a lock is free when a user has emptied it, and foreign when another client holds it', async () => {
    const lease = api.stored.get(lockName('node/dev1'));
    if (lease === undefined) throw new Error('no lease');
    api.stored.set(lease.metadata.name, { ...lease, spec: { ...lease.spec, holderIdentity: 'somebody' } });
    const message = `the Lease ${lease.metadata.name} of Node dev1 is held by somebody`;
    expect(await aWorker().acquire(facts(two))).toEqual({ reason: 'ResourceBusy', message });
    api.stored.set(lease.metadata.name, { ...lease, spec: {} });
    expect(await aWorker().acquire(facts(two))).toBeUndefined();
  });
});

describe('when the API server refuses', () => {
  const refused = (status: number, kind: 'terminal' | 'retryable') =>
    new ApiError({ status, reason: 'x', message: 'leases is forbidden', retry: { kind } });

  it('an attempt reports a missing permission for its lock, and waits', async () => {
    api.failure = refused(403, 'retryable');
    const message = 'Node dev1 cannot be locked: leases is forbidden';
    expect(await aWorker().acquire(facts(one))).toEqual({ reason: 'LockUnavailable', message, until: after(10) });
  });

  it('a temporary failure is left to the queue, which runs the key again', async () => {
    api.failure = refused(500, 'retryable');
    await expect(aWorker().acquire(facts(one))).rejects.toThrow('forbidden');
    const worker = aWorker();
    await worker.acquire(facts(one));
    api.failure = refused(500, 'retryable');
    await expect(worker.release(one, 'used')).rejects.toThrow('forbidden');
    await worker.release(one, 'used');
    expect(holder()).toBeUndefined();
  });
});
