import { afterEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import {
  hangUp,
  json,
  startFakeApi,
  status,
  step,
  stream,
  type FakeApi,
  type Reply,
  type Step,
} from '../../test/kube/fake-api.ts';
import { createImpatientClock } from '../../test/kube/fake-clock.ts';
import { createFakeLogger, thing, things, until, type Thing } from '../../test/kube/things.ts';
import { createInformer } from './informer.ts';
import { createKubeMetrics } from '../metrics.ts';
import { resources } from '../client/resources.ts';
import { createRestClient } from '../client/rest.ts';

let api: FakeApi | undefined;
let stop = new AbortController();
afterEach(async () => {
  stop.abort(new Error('test is over'));
  await api?.stop();
  api = undefined;
});

const path = '/apis/test.aegis.io/v1/things';

function list(resourceVersion: string, ...items: Thing[]): Step {
  return step(`GET ${path}?limit=500`, json(200, { metadata: { resourceVersion }, items }));
}

function watchFrom(resourceVersion: string, reply: Reply): Step {
  return step(`GET ${path}?watch=true&resourceVersion=${resourceVersion}`, reply);
}

function put(object: Thing) {
  return { type: 'MODIFIED', object };
}

const open = stream([], 'stay open');
const relisted = 'aegis_watch_relists_total';

/** Plays the script to an informer until its last step is reached. */
async function play(script: Step[], { idleTimeoutMs = 60_000 } = {}) {
  stop = new AbortController();
  api = await startFakeApi(script);
  const { connection, requests } = api;
  const clock = createImpatientClock();
  const logger = createFakeLogger();
  const registry = new Registry();
  const metrics = createKubeMetrics(registry);
  const client = resources(createRestClient(connection), things);
  const informer = createInformer(client, { logger, metrics, clock, random: () => 0.5, idleTimeoutMs });
  const changes: string[] = [];
  informer.onChange(({ type, object }) => {
    changes.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`);
  });
  void informer.start(stop.signal);
  await until(() => requests.length >= script.length);
  const value = async (name: string, labels: Record<string, string> = {}) => {
    const metric = await registry.getSingleMetric(name)?.get();
    const matching = metric?.values.filter((one) => Object.entries(labels).every(([k, v]) => one.labels[k] === v));
    return matching?.reduce((sum, one) => sum + one.value, 0);
  };
  return { informer, changes, clock, logger, value, until: (count: number) => until(() => changes.length >= count) };
}

describe('the reflector', () => {
  it('a reflector lists, then watches from the state of the list', async () => {
    const { changes, value, ...run } = await play([
      list('5', thing('a', '3')),
      watchFrom('5', stream([put(thing('a', '6'))], 'stay open')),
    ]);
    await run.until(2);
    expect(changes).toEqual(['added a@3', 'updated a@6']);
    expect(await value(relisted)).toBe(0);
  });

  it('a reflector continues from its resource version when a watch ends', async () => {
    const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } };
    const { changes, value } = await play([
      list('5'),
      watchFrom('5', stream([put(thing('a', '6')), bookmark], 'end')),
      watchFrom('9', open),
    ]);
    expect(changes).toEqual(['added a@6']);
    expect(await value('aegis_watch_restarts_total', { reason: 'end' })).toBe(1);
    expect(await value(relisted)).toBe(0);
  });

  it('a reflector continues from its resource version after a connection broke in the middle of a line', async () => {
    const { changes, value } = await play([
      list('5'),
      watchFrom('5', stream([put(thing('a', '6')), '{"type":"MODIFIED","object":{"metad'], 'break off')),
      watchFrom('6', open),
    ]);
    expect(changes).toEqual(['added a@6']);
    expect(await value('aegis_watch_restarts_total', { reason: 'error' })).toBe(1);
  });

  it('a reflector continues from its resource version after a connection stopped delivering events', async () => {
    const { value } = await play(
      [list('5'), watchFrom('5', stream([put(thing('a', '6'))], 'stay open')), watchFrom('6', open)],
      // Long enough for the test to be over before the second silence counts as one, also on a busy machine.
      { idleTimeoutMs: 1_500 },
    );
    expect(await value('aegis_watch_restarts_total', { reason: 'idle' })).toBe(1);
  });

  it('a reflector continues from its resource version after an event that cannot be parsed', async () => {
    await play([
      list('5'),
      watchFrom('5', stream([put(thing('a', '6')), 'garbage\n'], 'stay open')),
      watchFrom('6', open),
    ]);
  });

  it.each([
    ['as a status', json(410, status(410, 'Expired'))],
    ['as an event', stream([{ type: 'ERROR', object: status(410, 'Expired') }], 'end')],
  ])('a reflector lists again when its resource version has expired, as reported %s', async (_, forgotten) => {
    const { changes, clock, value, ...run } = await play([
      list('5', thing('kept', '1'), thing('changed', '2'), thing('gone', '3')),
      watchFrom('5', forgotten),
      list('20', thing('kept', '1'), thing('changed', '12'), thing('new', '13')),
      watchFrom('20', open),
    ]);
    await run.until(6);
    expect(changes.slice(3)).toEqual(['deleted gone@3', 'updated changed@12', 'added new@13']);
    expect(await value(relisted)).toBe(1);
    expect(await value('aegis_watch_restarts_total', { reason: 'expired' })).toBe(1);
    // Spread, so that all replicas do not list at once.
    expect(clock.sleeps[0]).toBe(750);
  });

  it('a reflector lists again when the kind itself was gone', async () => {
    await play([
      list('5'),
      watchFrom('5', json(404, {})),
      step(`GET ${path}?limit=500`, json(404, {})),
      list('8'),
      watchFrom('8', open),
    ]);
  });

  it('a reflector waits longer with each failure, with jitter and up to a limit, and never gives up', async () => {
    const failures = Array.from({ length: 9 }, () =>
      step(`GET ${path}?limit=500`, json(500, status(500, 'InternalError'))),
    );
    const { clock, informer } = await play([...failures, list('5'), watchFrom('5', open)]);
    expect(clock.sleeps).toEqual([150, 300, 600, 1_200, 2_400, 4_800, 9_600, 11_250, 11_250]);
    await informer.synced;
    expect(informer.hasSynced()).toBe(true);
  });

  it('a reflector waits as long as the API server requests', async () => {
    const { clock } = await play([
      step(`GET ${path}?limit=500`, json(429, status(429, 'TooManyRequests'), { 'retry-after': '4' })),
      list('5'),
      watchFrom('5', open),
    ]);
    expect(clock.sleeps).toEqual([4_000]);
  });

  it('a reflector does not retry at once when watches end immediately without an event', async () => {
    const { clock } = await play([
      list('5'),
      watchFrom('5', stream([], 'end')),
      watchFrom('5', hangUp()),
      watchFrom('5', stream([], 'end')),
      watchFrom('5', open),
    ]);
    expect(clock.sleeps).toEqual([150, 300, 600]);
  });

  it('a reflector resets its backoff after a success', async () => {
    const { clock } = await play([
      list('5'),
      watchFrom('5', hangUp()),
      watchFrom('5', hangUp()),
      watchFrom('5', stream([put(thing('a', '6'))], 'break off')),
      watchFrom('6', open),
    ]);
    expect(clock.sleeps).toEqual([150, 300, 150]);
  });

  it('a reflector restarts a list when a page of it is lost', async () => {
    const { changes } = await play([
      step(
        `GET ${path}?limit=500`,
        json(200, { metadata: { resourceVersion: '5', continue: 'c' }, items: [thing('a')] }),
      ),
      step(`GET ${path}?limit=500&continue=c`, json(410, status(410, 'Expired'))),
      list('9', thing('a'), thing('b')),
      watchFrom('9', open),
    ]);
    expect(changes).toEqual(['added a@1', 'added b@1']);
  });

  it('a reflector logs each interruption', async () => {
    const { logger } = await play([list('5'), watchFrom('5', hangUp()), watchFrom('5', open)]);
    expect(logger.lines).toEqual([
      {
        message: 'Watch interrupted',
        fields: expect.objectContaining({ resource: 'things', failures: 1, delayMs: 150, relist: false }) as object,
      },
    ]);
  });
});
