import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../lib/clock.ts';
import { events, type KubeEvent } from '../../kube/events/event.ts';
import { EventRecorder } from '../../kube/events/recorder.ts';
import { createInformer } from '../../kube/cache/informer.ts';
import { leases } from '../../kube/kinds/lease.ts';
import { electLeader } from '../../kube/leases/election.ts';
import { resources } from '../../kube/client/resources.ts';
import { createRestClient } from '../../kube/client/rest.ts';
import { writeStatus } from '../../kube/client/status.ts';
import { eventually } from '../harness/eventually.ts';
import { inParallel, newThing, startFixture, type Fixture } from './cluster.ts';
import { createFakeLogger, things, until } from './things.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
}, 120_000);
afterAll(() => fixture.stop(), 60_000);

/** Gives a group rights to things in `ns`. */
async function allowGroup(name: string, verbs: string[]): Promise<void> {
  const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: true };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { namespace: 'ns', name };
  const role = {
    apiVersion,
    kind: 'Role',
    metadata,
    rules: [{ apiGroups: ['test.aegis.io'], resources: ['things'], verbs }],
  };
  const subjects = [{ apiGroup: rbac.group, kind: 'Group', name }];
  const roleRef = { apiGroup: rbac.group, kind: 'Role', name };
  await resources(fixture.rest, { ...rbac, plural: 'roles', kind: 'Role' }).create(role);
  const binding = { apiVersion, kind: 'RoleBinding', metadata, subjects, roleRef };
  await resources(fixture.rest, { ...rbac, plural: 'rolebindings', kind: 'RoleBinding' }).create(binding);
}

describe('the client, against a real API server', () => {
  it('the client needs one or two connections for 100 requests', async () => {
    const connection = fixture.connect();
    const client = resources(createRestClient(connection), things);
    const before = fixture.proxy.connections();
    for (let i = 0; i < 100; i++) await client.find({ namespace: 'ns', name: 'none' });
    expect(fixture.proxy.connections() - before).toBeLessThanOrEqual(2);
    await connection.close();
  });

  it('errors of the client carry whether to retry', async () => {
    const key = { namespace: 'ns', name: 'refused' };
    const made = await fixture.things.create(newThing('refused'));
    const stale = { ...made, metadata: { ...made.metadata, resourceVersion: '1' } };
    const unserved = resources(fixture.rest, { ...things, plural: 'nothings' });
    await expect(fixture.things.create(newThing('refused'))).rejects.toMatchObject({
      reason: 'AlreadyExists',
      retry: { kind: 'conflict' },
    });
    await expect(fixture.things.replace(stale)).rejects.toMatchObject({ retry: { kind: 'conflict' } });
    await expect(fixture.things.delete(key, { uid: 'another' })).rejects.toMatchObject({ retry: { kind: 'conflict' } });
    await expect(fixture.things.create(newThing('No_Name'))).rejects.toMatchObject({ retry: { kind: 'terminal' } });
    await expect(unserved.find(key)).rejects.toMatchObject({ status: 404, retry: { kind: 'retryable' } });
    expect(await fixture.things.find({ namespace: 'none', name: 'none' })).toBeUndefined();
    expect((await fixture.things.create(newThing('dry'), { dryRun: true })).metadata.uid).toBeDefined();
    expect(await fixture.things.find({ namespace: 'ns', name: 'dry' })).toBeUndefined();
    expect(await fixture.things.delete(key, { uid: made.metadata.uid })).toBe(true);
    expect(await fixture.things.delete(key)).toBe(false);
  });

  it('an impersonated request is authorized as that user, with the exact uid, groups and extra fields', async () => {
    const impersonate = {
      user: 'Jörg',
      uid: '06f6ce97',
      groups: ['thing-readers', 'dev, ops'],
      extra: { 'example.org/Team': ['red, blue', 'ü'] },
    };
    const review = await fixture.rest.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      impersonate,
    });
    expect(review).toMatchObject({
      status: {
        userInfo: {
          username: 'Jörg',
          uid: '06f6ce97',
          groups: ['thing-readers', 'dev, ops', 'system:authenticated'],
          extra: { 'example.org/Team': ['red, blue', 'ü'] },
        },
      },
    });
    const listed = { namespace: 'ns', impersonate };
    await expect(fixture.things.list(listed)).rejects.toMatchObject({ status: 403 });
    await allowGroup('thing-readers', ['list']);
    await eventually('the right to list', () => fixture.things.list(listed));
    await expect(fixture.things.list({ namespace: 'ns', impersonate: { user: 'Jörg' } })).rejects.toThrow(
      'User "Jörg"',
    );
    const write = fixture.things.create(newThing('impersonated'), { impersonate });
    await expect(write).rejects.toMatchObject({ status: 403 });
  });

  it('two managers write one status without flapping', async () => {
    const made = await fixture.things.create(newThing('status'));
    const worker = { fieldManager: 'worker-status', owns: ['phase', 'list'] as const };
    const ingest = { fieldManager: 'ingest-status', owns: ['count'] as const };
    const read = () => fixture.things.get(made.metadata);
    await writeStatus(fixture.things, made, { phase: 'Firing', list: ['a'] }, worker);
    await writeStatus(fixture.things, await read(), { count: 1 }, ingest);
    const both = await read();
    expect(both.status).toEqual({ phase: 'Firing', list: ['a'], count: 1 });
    for (let i = 0; i < 10; i++) {
      expect(await writeStatus(fixture.things, both, { phase: 'Firing', list: ['a'] }, worker)).toBe(false);
      expect(await writeStatus(fixture.things, both, { count: 1 }, ingest)).toBe(false);
    }
    await writeStatus(fixture.things, both, { phase: 'Resolved' }, worker);
    expect((await read()).status).toEqual({ phase: 'Resolved', count: 1 });
    await expect(writeStatus(fixture.things, made, { phase: 'Firing' }, worker)).rejects.toMatchObject({
      retry: { kind: 'conflict' },
    });
  });

  it('the event recorder writes events that the API server accepts, and counts repetitions', async () => {
    const client = resources(fixture.rest, events);
    const logger = createFakeLogger();
    const recorder = new EventRecorder({
      client,
      controller: 'aegis.io/test',
      instance: 'test-1',
      clock: systemClock(),
      logger,
    });
    const regarding = await fixture.things.create(newThing('eventful'));
    const facts = { type: 'Warning', reason: 'Tried', note: `Long: ${'ä'.repeat(2_000)}` } as const;
    for (let i = 0; i < 3; i++) recorder.record(regarding, facts);
    recorder.record({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }, facts);
    const ours = async (): Promise<KubeEvent[]> =>
      (await client.list()).items.filter(({ reportingController }) => reportingController === 'aegis.io/test');
    await recorder.stop(5_000);
    expect(logger.lines).toEqual([]);
    const found = await ours();
    expect(found.map(({ metadata, regarding: { kind } }) => [metadata.namespace, kind]).sort()).toEqual([
      ['default', 'Node'],
      ['ns', 'Thing'],
    ]);
    expect(found.find(({ regarding: { kind } }) => kind === 'Thing')).toMatchObject({
      regarding: { uid: regarding.metadata.uid },
      series: { count: 3 },
    });
  });
});

describe('the election, against a real API server', () => {
  function candidate(name: string, identity: string) {
    const stop = new AbortController();
    const election = electLeader({
      client: resources(fixture.rest, leases),
      namespace: 'ns',
      name,
      identity,
      clock: systemClock(),
      logger: createFakeLogger(),
      onStartedLeading: (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve();
          });
        }),
      onStoppedLeading: () => undefined,
    });
    return { election, stop, done: election.run(stop.signal) };
  }

  it('leadership passes to the other candidate when the leader stops, long before the Lease would expire', async () => {
    const a = candidate('stopped', 'a');
    await until(() => a.election.isLeader());
    const b = candidate('stopped', 'b');
    a.stop.abort();
    await a.done;
    const { spec } = await resources(fixture.rest, leases).get({ namespace: 'ns', name: 'stopped' });
    expect(spec?.holderIdentity ?? 'b').toBe('b');
    await until(() => b.election.isLeader());
    b.stop.abort();
    await b.done;
  }, 10_000);

  it('leadership passes to the other candidate when the leader died', async () => {
    const now = new Date().toISOString().replace('Z', '000Z');
    await resources(fixture.rest, leases).create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'ns', name: 'died' },
      spec: { holderIdentity: 'dead', leaseDurationSeconds: 3, renewTime: now, acquireTime: now },
    });
    const b = candidate('died', 'b');
    await until(() => b.election.isLeader());
    expect((await resources(fixture.rest, leases).get({ namespace: 'ns', name: 'died' })).spec).toMatchObject({
      holderIdentity: 'b',
      leaseTransitions: 1,
    });
    b.stop.abort();
    await b.done;
  }, 20_000);
});

describe('an informer, against a real API server', () => {
  it('an informer lists 5,000 objects in pages', async () => {
    await inParallel(5_000, 16, (i) => fixture.things.create(newThing(`many-${i}`, String(i % 100))));
    const before = fixture.requests.length;
    const stop = new AbortController();
    const informer = createInformer(fixture.things, {
      logger: createFakeLogger(),
      indexers: { byValue: ({ spec }) => (spec === undefined ? [] : [spec.value]) },
    });
    const done = informer.start(stop.signal);
    await informer.synced;
    const many = informer.list('ns').filter(({ metadata }) => metadata.name.startsWith('many-'));
    expect(many).toHaveLength(5_000);
    expect(informer.byIndex('byValue', '42')).toHaveLength(50);
    expect(fixture.requests.slice(before).filter(({ verb }) => verb === 'list').length).toBeGreaterThanOrEqual(10);
    stop.abort();
    await done;
  }, 180_000);

  it('an informer and requests recover from a half-open connection', async () => {
    const stop = new AbortController();
    const informer = createInformer(fixture.things, { logger: createFakeLogger(), idleTimeoutMs: 1_000 });
    const done = informer.start(stop.signal);
    await informer.synced;
    fixture.proxy.freeze();
    const direct = fixture.connect();
    await resources(createRestClient(direct), things).create(newThing('unheard-of'));
    await until(() => informer.get('ns', 'unheard-of') !== undefined);
    const key = { namespace: 'ns', name: 'unheard-of' };
    await eventually('a live connection', () => fixture.things.find(key, { timeoutMs: 200 }));
    stop.abort();
    await done;
    await direct.close();
  }, 30_000);
});
