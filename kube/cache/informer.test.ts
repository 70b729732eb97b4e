import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { createFakeClock, settle } from '../../test/kube/fake-clock.ts';
import { createFakeLogger, thing, things, type Thing } from '../../test/kube/things.ts';
import { createInformer, type InformerOptions } from './informer.ts';
import { createKubeMetrics } from '../metrics.ts';
import type { WatchEvent } from '../client/watch.ts';

/** An informer whose list and events the test decides. */
function setUp(options: Partial<InformerOptions<Thing>> = {}, items: Thing[] = []) {
  const stop = new AbortController();
  const logger = createFakeLogger();
  const clock = createFakeClock();
  const registry = new Registry();
  let listed: () => void = () => undefined;
  let deliver: (event: WatchEvent<Thing>) => void = () => undefined;
  const client = {
    type: things,
    listPages: async function* () {
      await new Promise<void>((resolve) => (listed = resolve));
      yield { items, resourceVersion: '5' };
    },
    watch: async function* () {
      for (;;) yield await new Promise<WatchEvent<Thing>>((resolve) => (deliver = resolve));
    },
  };
  const informer = createInformer(client, { logger, clock, metrics: createKubeMetrics(registry), ...options });
  return {
    informer,
    logger,
    clock,
    stop,
    start: () => informer.start(stop.signal),
    list: async () => {
      await settle();
      listed();
      await settle();
    },
    send: async (event: WatchEvent<Thing>) => {
      deliver(event);
      await settle();
    },
    gauge: async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value,
  };
}

describe('an informer', () => {
  it('an informer has the time of the last answer of the API server', async () => {
    const { informer, start, list, send, clock } = setUp({}, [thing('a')]);
    void start();
    await settle();
    expect(informer.lastHeard()).toBeUndefined();
    await list();
    const listed = informer.lastHeard()?.getTime() ?? 0;
    await clock.advance(60_000);
    expect(informer.lastHeard()?.getTime()).toBe(listed);
    await send({ type: 'BOOKMARK', resourceVersion: '9' });
    expect(informer.lastHeard()?.getTime()).toBe(listed + 60_000);
  });

  it('an informer is synced when its first list is complete and its handlers were called', async () => {
    const { informer, start, list } = setUp({}, [thing('a')]);
    const order: string[] = [];
    informer.onChange(({ object }) => order.push(object.metadata.name));
    void informer.synced.then(() => order.push('synced'));
    void start();
    await settle();
    expect(informer.hasSynced()).toBe(false);
    await list();
    expect(informer.hasSynced()).toBe(true);
    expect(order).toEqual(['a', 'synced']);
  });

  it('an informer rejects callers that wait for the sync when it is stopped before', async () => {
    const { informer, stop, start } = setUp();
    const reason = new Error('shutting down');
    stop.abort(reason);
    await start();
    await expect(informer.synced).rejects.toBe(reason);
    expect(informer.hasSynced()).toBe(false);
  });

  it('an informer follows changes in its cache and its indexes', async () => {
    const indexers = { byValue: ({ spec }: Thing) => (spec === undefined ? [] : [spec.value]) };
    const { informer, start, list, send, gauge } = setUp({ indexers }, [thing('a', '1', { spec: { value: 'x' } })]);
    void start();
    await list();
    await send({ type: 'MODIFIED', object: thing('a', '6', { spec: { value: 'y' } }) });
    expect(informer.byIndex('byValue', 'x')).toEqual([]);
    expect(informer.byIndex('byValue', 'y')).toEqual([informer.get('ns', 'a')]);
    await send({ type: 'ADDED', object: thing('b', '7') });
    expect(await gauge('aegis_cache_objects')).toBe(2);
    await send({ type: 'DELETED', object: thing('a', '8') });
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(await gauge('aegis_cache_objects')).toBe(1);
  });

  it('an informer passes the previous state of an object to its handlers', async () => {
    const { informer, start, list, send } = setUp({}, [thing('a', '1')]);
    void start();
    await list();
    const seen: unknown[] = [];
    const leave = informer.onChange((change) => seen.push(change));
    await send({ type: 'MODIFIED', object: thing('a', '6') });
    leave();
    await send({ type: 'MODIFIED', object: thing('a', '7') });
    expect(seen).toEqual([{ type: 'updated', object: thing('a', '6'), previous: thing('a', '1') }]);
  });

  it('an informer survives handlers and indexers that throw, and logs them', async () => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const { informer, logger, start, list, send, gauge } = setUp({ indexers: { byFailure: fail } });
    const seen: string[] = [];
    informer.onChange(fail);
    informer.onChange(({ type }) => seen.push(type));
    void start();
    await list();
    await send({ type: 'ADDED', object: thing('a', '6') });
    await send({ type: 'DELETED', object: thing('a', '7') });
    expect(seen).toEqual(['added', 'deleted']);
    expect(informer.byIndex('byFailure', 'x')).toEqual([]);
    expect(logger.lines.map(({ message }) => message)).toEqual(Array(3).fill('Handler of a cache failed'));
    expect(await gauge('aegis_cache_handler_errors_total')).toBe(3);
  });

  it('an informer drops managed fields by default', async () => {
    const managed = () => {
      const object = thing('a');
      return { ...object, metadata: { ...object.metadata, managedFields: [{ manager: 'me' }] } };
    };
    for (const [options, kept] of [
      [{}, false],
      [{ transform: (object: Thing) => object }, true],
    ] as const) {
      const { informer, start, list } = setUp(options, [managed()]);
      void start();
      await list();
      expect('managedFields' in (informer.get('ns', 'a')?.metadata ?? {})).toBe(kept);
    }
  });

  it('an informer reports the times of its last activity and of the last answer of the API server', async () => {
    const { informer, clock, start, list, send, gauge } = setUp();
    void start();
    await list();
    await clock.advance(60_000);
    await send({ type: 'BOOKMARK', resourceVersion: '9' });
    expect(informer.lastActivity()).toBe(60_000);
    expect(await gauge('aegis_cache_last_event_timestamp_seconds')).toBe(clock.now().getTime() / 1_000);
  });
});
