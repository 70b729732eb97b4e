import { beforeEach, describe, expect, it } from '@jest/globals';
import { AlertApi } from '../../../test/ingest/fakes/alert-api.ts';
import { createEpisodeIndex, type EpisodeIndex } from '../store/episode-index.ts';
import { StaleCheck, staleCheckPeriodMs } from './stale-check.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-03-01T12:00:00Z');

let api: AlertApi;
let index: EpisodeIndex;
let now: Date;
let asked: URL[];
let failures: unknown[];
let confirmed: number;

beforeEach(() => {
  api = new AlertApi();
  index = createEpisodeIndex(() => now.getTime());
  now = new Date(noon);
  [asked, failures, confirmed] = [[], [], 0];
});

function keep(fingerprint: string, changes: { source?: 'default'; status?: 'Resolved' } = {}): void {
  const alert = api.put({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: { name: fingerprint, namespace: 'monitoring', creationTimestamp: new Date(noon).toISOString() },
    spec: {
      source: 'alertmanager',
      type: 'NodeDown',
      status: 'Firing',
      trust: 'Parsed',
      fingerprint,
      involvedObject: { kind: 'Node', name: 'n' },
      ...changes,
    },
    status: { count: 3, lastSeenTime: new Date(noon).toISOString() },
  });
  index.observe(alert);
}

function checkWith(answers: Record<string, () => Response | Promise<Response>>) {
  return new StaleCheck({
    urls: Object.keys(answers),
    index,
    store: api.store,
    staleAfter: 25 * hour,
    now: () => now,
    onConfirmed: (count) => (confirmed += count),
    onFailure: (error) => void failures.push(error),
    fetch: (url) => {
      asked.push(url as URL);
      return Promise.resolve(answers[(url as URL).origin]!());
    },
  });
}

function listing(...fingerprints: string[]): () => Response {
  return () =>
    Response.json(fingerprints.map((fingerprint) => ({ labels: { alertname: 'X' }, fingerprint, status: {} })));
}

function after(hours: number): void {
  now = new Date(noon + hours * hour);
}

function seen(name: string): unknown {
  return api.objects.get(`monitoring/${name}`)?.status;
}

const untouched = { count: 3, lastSeenTime: new Date(noon).toISOString() };

describe('an alert that its Alertmanager does not repeat', () => {
  it('the stale check does not read Alertmanager while no alert is overdue', async () => {
    keep('a');
    after(19.9);
    await checkWith({ 'http://am': listing('a') }).run();
    expect([asked, api.calls]).toEqual([[], []]);
  });

  it('an overdue alert that is still listed is marked as seen, and not counted as a repeat', async () => {
    keep('a');
    after(20);
    const check = checkWith({ 'http://am': listing('a', 'other') });
    await check.run();
    expect(seen('a')).toEqual({ count: 3, lastSeenTime: now.toISOString() });
    expect(confirmed).toBe(1);
    await check.run();
    expect(asked).toHaveLength(1);
    after(40);
    await check.run();
    expect(asked).toHaveLength(2);
  });

  it('the stale check includes silenced and inhibited alerts', async () => {
    keep('a');
    after(20);
    await checkWith({ 'http://am': listing('a') }).run();
    expect(asked.map(({ href }) => href)).toEqual(['http://am/api/v2/alerts?active=true&silenced=true&inhibited=true']);
  });

  it('the stale check reads all overdue alerts with one request', async () => {
    for (const name of ['a', 'b', 'c']) keep(name);
    after(24);
    await checkWith({ 'http://am': listing('a', 'c') }).run();
    expect(asked).toHaveLength(1);
    expect([seen('a'), seen('b'), seen('c')]).toEqual([
      { count: 3, lastSeenTime: now.toISOString() },
      untouched,
      { count: 3, lastSeenTime: now.toISOString() },
    ]);
  });

  it('the stale check includes alerts that are stale already, because Alertmanager may have been unreachable', async () => {
    keep('a');
    after(70);
    await checkWith({ 'http://am': listing('a') }).run();
    expect(confirmed).toBe(1);
  });

  it('the stale check reads several Alertmanagers, of which one may be unreachable', async () => {
    keep('a');
    after(20);
    await checkWith({
      'http://one': () => Promise.reject(new Error('refused')),
      'http://two': listing(),
      'http://three': listing('a'),
    }).run();
    expect([confirmed, failures.length]).toEqual([1, 1]);
  });

  it.each([
    ['does not answer', () => Promise.reject(new Error('refused'))],
    ['answers with an error', () => new Response('', { status: 502 })],
    ['answers with nonsense', () => Response.json({ a: 1 })],
    ['lists nonsense', () => Response.json([null, 'a', { fingerprint: 'a' }, { labels: [] }])],
  ])('an overdue alert stays unchanged when Alertmanager %s', async (_, answer) => {
    keep('a');
    after(24);
    await checkWith({ 'http://am': answer }).run();
    expect(seen('a')).toEqual(untouched);
  });

  it('an overdue alert that has changed during the check stays unchanged', async () => {
    keep('a');
    after(24);
    await checkWith({
      'http://am': () => {
        api.put({
          ...api.objects.get('monitoring/a')!,
          spec: { ...api.objects.get('monitoring/a')!.spec, severity: 'info' },
        });
        return listing('a')();
      },
    }).run();
    expect([seen('a'), confirmed, failures]).toEqual([untouched, 0, []]);
  });

  it('an overdue alert is checked again when it could not be written', async () => {
    keep('a');
    after(21);
    const check = checkWith({ 'http://am': listing('a') });
    api.before = () => Promise.reject(new Error('API server is away'));
    await check.run();
    expect([failures.length, confirmed]).toEqual([1, 0]);
    api.before = () => Promise.resolve();
    await check.run();
    expect(confirmed).toBe(1);
  });
});

describe('alerts that need no stale check', () => {
  it('the stale check ignores resolved alerts and alerts of other sources', async () => {
    keep('a', { status: 'Resolved' });
    keep('b', { source: 'default' });
    after(100);
    await checkWith({ 'http://am': listing('a', 'b') }).run();
    expect(asked).toEqual([]);
  });

  it('the stale check does nothing after stop', async () => {
    keep('a');
    after(24);
    const check = checkWith({ 'http://am': listing('a') });
    check.stop();
    await check.run();
    expect([asked, failures]).toEqual([[], []]);
  });
});

it('the stale check runs about ten times between overdue and stale, and at least every half hour', () => {
  expect(staleCheckPeriodMs(25 * hour)).toBe(hour / 2);
  expect(staleCheckPeriodMs(1_000 * hour)).toBe(hour / 2);
  expect(staleCheckPeriodMs(5_000)).toBe(100);
});
