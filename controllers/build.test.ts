import { describe, expect, it } from '@jest/globals';
import type { AegisAlert } from '../crds/alert.ts';
import type { KubeObject, ResourceType } from '../crds/object.ts';
import type { ObjectChange } from '../crds/object-cache.ts';
import { createCache } from '../kube/cache/cache.ts';
import type { RestRequest } from '../kube/client/rest.ts';
import { anAlert } from '../test/builders/objects.ts';
import { fakeRest } from '../test/fakes/rest-client.ts';
import { createFakeClock } from '../test/kube/fake-clock.ts';
import { createFakeLogger } from '../test/kube/things.ts';
import { buildControllers } from './build.ts';
import type { ControllerContext, Registration } from './controller.ts';
import { createDomainMetrics } from './metrics.ts';
import { createRegistry } from '../process/metrics.ts';
import { registrations } from './registry.ts';
import { itself, watch } from './watch.ts';

interface Toy extends KubeObject {
  spec: object;
}

const toys: ResourceType<Toy> = { group: 'example.org', version: 'v1', kind: 'Toy', plural: 'toys', namespaced: true };

/** A controller of a kind that nothing else knows; it reads its object from the API server after a pause. */
const toy: Registration = {
  name: 'toy',
  create: ({ rest, clock, cacheOf }) => ({
    watches: [
      watch(cacheOf(toys), {
        kind: 'Toy',
        when: ({ type }) => type !== 'updated',
        map: itself,
        resync: { map: itself, settled: ({ metadata }) => metadata.name === 'settled' },
      }),
    ],
    reconcile: async ({ namespace, name }) => {
      await clock.sleep(1_000);
      await rest.request({ method: 'GET', path: `/apis/toys/${namespace}/${name}` });
      return { requeueAfterMs: 5_000 };
    },
    concurrency: 2,
    sweeps: [{ name: 'toy-sweep', periodMs: 60_000, work: () => Promise.resolve() }],
  }),
};

function surroundings() {
  const requests: RestRequest[] = [];
  const cache = createCache<AegisAlert>();
  let listener: (change: ObjectChange<AegisAlert>) => void = () => undefined;
  const alerts = {
    ...cache,
    onChange: (given: typeof listener) => {
      listener = given;
      return () => undefined;
    },
  };
  const others = { list: () => [], get: () => undefined, byIndex: () => [], onChange: () => () => undefined };
  const clock = createFakeClock();
  const options: Omit<ControllerContext, 'shared'> = {
    config: { ruleScope: 'Cluster', auditLog: '' } as ControllerContext['config'],
    namespace: 'aegis-system',
    caches: new Proxy({}, { get: () => others }) as never,
    cacheOf: () => alerts as never,
    rest: fakeRest((request) => {
      requests.push(request);
      return Promise.resolve({});
    }),
    events: { record: () => undefined },
    metrics: createDomainMetrics(createRegistry()),
    logger: createFakeLogger(),
    clock,
  };
  return {
    options,
    requests,
    clock,
    cache,
    change: (change: ObjectChange<AegisAlert>) => {
      listener(change);
    },
  };
}

describe('a controller that is only registered', () => {
  const key = { kind: 'toy', namespace: 'monitoring', name: 'a' };

  it('a controller that is only registered has its own queue with its own concurrency', () => {
    const { queued, sweeps } = buildControllers([toy], surroundings().options);
    expect(queued).toMatchObject([{ name: 'toy', concurrency: 2 }]);
    expect(sweeps).toMatchObject([{ name: 'toy-sweep' }]);
  });

  it('a controller that is only registered gets the keys of the objects that it watches', () => {
    const { options, change } = surroundings();
    const [source] = buildControllers([toy], options).sources;
    const keys: unknown[] = [];
    source?.onChange((object, deleted) => keys.push(...source.keysOf(object, deleted)));
    const alert = anAlert({ metadata: { name: 'a' } });
    change({ type: 'added', object: alert });
    change({ type: 'updated', object: alert, previous: alert });
    expect(keys).toEqual([key]);
  });

  it('a controller that is only registered gets a resync of its unsettled objects', () => {
    const { options, cache } = surroundings();
    const [source] = buildControllers([toy], options).sources;
    const [settled, open] = ['settled', 'open'].map((name) => anAlert({ metadata: { name, uid: name } }));
    for (const alert of [settled, open]) cache.put(alert!);
    expect(source?.list().map((object) => [object.metadata.name, source.settled(object)])).toEqual([
      ['settled', true],
      ['open', false],
    ]);
  });

  it('a controller that is only registered has each of its calls aborted by the signal of its run, without passing it on', async () => {
    const { options, requests, clock } = surroundings();
    const [queued] = buildControllers([toy], options).queued;
    const reconcile = queued!.reconcile;
    const one = new AbortController();
    const two = new AbortController();
    const runs = [reconcile(key, one.signal), reconcile({ ...key, name: 'b' }, two.signal)];
    await clock.advance(1_000);
    expect(await Promise.all(runs)).toEqual([{ requeueAfterMs: 5_000 }, { requeueAfterMs: 5_000 }]);
    one.abort();
    expect(requests.map(({ path, signal }) => [path, signal?.aborted])).toEqual([
      ['/apis/toys/monitoring/a', true],
      ['/apis/toys/monitoring/b', false],
    ]);
  });

  it('a controller that is only registered has its sleep ended by the signal of its run', async () => {
    const { options, requests, clock } = surroundings();
    const [queued] = buildControllers([toy], options).queued;
    const controller = new AbortController();
    const run = queued?.reconcile(key, controller.signal);
    controller.abort();
    await run;
    expect([clock.monotonicMs(), requests.length]).toEqual([0, 1]);
  });

  it('a controller that is only registered does not start a run whose signal is aborted', async () => {
    const { options, requests } = surroundings();
    const [queued] = buildControllers([toy], options).queued;
    await expect(queued?.reconcile(key, AbortSignal.abort(new Error('the worker stops')))).rejects.toThrow(
      'the worker stops',
    );
    expect(requests).toEqual([]);
  });
});

it('the names of controllers are unique, because they name queues', () => {
  const names = registrations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
