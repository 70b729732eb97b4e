import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asUser } from '../../../test/aggregated/support/client.ts';
import { openApi, type Api } from '../../../test/aggregated/support/in-process.ts';
import { sendRaw } from '../../../test/aggregated/support/raw.ts';

const base = '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts';
const alice = asUser('alice', 'ops');

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('a request that is allowed', () => {
  it('an allowed request reaches its handler with user and attributes', async () => {
    const answer = await api.send({ path: `${base}/x/inspect`, headers: [...alice, 'User-Agent', 'kubectl/1'] });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache, private',
    });
    expect(answer.json).toMatchObject({
      kind: 'Echo',
      user: { name: 'alice', groups: ['ops', 'system:authenticated'] },
      namespace: 'ns',
      name: 'x',
      userAgent: 'kubectl/1',
    });
  });

  it.each([
    ['a body without content type', { body: '{"reason":"why"}' }, { reason: 'why' }],
    [
      'a body of JSON',
      { body: '{"count":1}', headers: ['Content-Type', 'application/json; charset=utf-8'] },
      { count: 1 },
    ],
    ['an empty body', {}, {}],
    ['white space', { body: ' \n' }, {}],
    ['a body in chunks', { body: '{}', headers: ['Transfer-Encoding', 'chunked'] }, {}],
    ['a client that waits to be asked', { body: '{"count":2}', headers: ['Expect', '100-continue'] }, { count: 2 }],
  ])(
    'an allowed request may have %s',
    async (_, { body, headers = [] }: { body?: string; headers?: string[] }, expected) => {
      const chunked = headers.includes('Transfer-Encoding');
      const sent = { method: 'POST', path: `${base}/x/trigger`, headers: [...alice, ...headers] };
      const answer = await (chunked
        ? sendRaw(api, `POST ${base}/x/trigger HTTP/1.1`, [...alice, ...headers], '2\r\n{}\r\n0\r\n\r\n')
        : api.send({ ...sent, ...(body === undefined ? {} : { body }) }));
      expect(answer).toMatchObject({ status: 201, json: { body: expected } });
    },
  );

  it('an allowed request may be a dry run', async () => {
    const answer = await api.send({ method: 'POST', path: `${base}/x/trigger?dryRun=All`, headers: alice });
    expect(answer.json).toMatchObject({ dryRun: true });
  });

  it('an allowed request may be a HEAD', async () => {
    const answer = await api.send({ method: 'HEAD', path: `${base}/x/inspect`, headers: alice });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(10);
  });

  it('an allowed request is answered with a table where there is one and the client prefers it', async () => {
    const headers = [...alice, 'Accept', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'];
    expect((await api.send({ path: `${base}/x/inspect`, headers })).json).toMatchObject({ kind: 'Table' });
    expect((await api.send({ path: `${base}/x/trigger`, headers })).json).toMatchObject({ kind: 'Echo' });
  });

  it('an allowed request may be answered with warnings of one line each', async () => {
    const answer = await api.send({ path: `${base}/x/warned`, headers: alice });
    const utf8 = Buffer.from('späße', 'utf8').toString('latin1');
    expect(answer.headers['warning']).toBe(`299 - "say \\"no\\" X-Evil: yes", 299 - "${utf8}"`);
    expect(answer.headers['x-evil']).toBeUndefined();
  });

  it('a request keeps its audit ID, and gets one when it has none', async () => {
    const kept = await api.send({ path: '/apis', headers: [...alice, 'Audit-ID', 'a-1'] });
    expect(kept.headers['audit-id']).toBe('a-1');
    const made = await api.send({ path: '/apis', headers: [...alice, 'Audit-ID', 'a b'] });
    expect(made.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a user without the right', () => {
  it('no body is read from a user without the right', async () => {
    const path = `${base}/x/trigger`;
    for (const [headers, status] of [
      [[], 401],
      [asUser('nobody'), 403],
    ] as const) {
      const answer = await sendRaw(
        api,
        `POST ${path} HTTP/1.1`,
        [...headers, 'Content-Length', '1000', 'Expect', '100-continue'],
        '',
      );
      expect(answer).toMatchObject({ status, json: { kind: 'Status' } });
    }
  });

  it('access is reviewed with the attributes by which the request is routed', async () => {
    api.questions.length = 0;
    api.calls.length = 0;
    await api.send({ method: 'POST', path: `${base}/y%2Ftrigger`, headers: asUser('carol') });
    expect(api.questions).toMatchObject([
      {
        user: 'carol',
        resourceAttributes: { verb: 'create', resource: 'aegisalerts', subresource: 'trigger', name: 'y' },
      },
    ]);
    expect(api.calls).toMatchObject([{ name: 'y', namespace: 'ns' }]);
  });

  it('access is reviewed with a group name that contains commas', async () => {
    api.questions.length = 0;
    const headers = asUser('nobody', 'team, system:masters', 'b');
    expect((await api.send({ path: `${base}/x/inspect`, headers })).status).toBe(403);
    expect(api.questions[0]?.groups).toEqual(['team, system:masters', 'b', 'system:authenticated']);
  });
});

describe('large headers', () => {
  it('a request with three thousand groups is accepted', async () => {
    const groups = Array.from({ length: 3_000 }, (_, index) => `group-${index}`);
    const headers = [...groups.flatMap((group) => ['X-Remote-Group', group]), 'X-Remote-User', 'dora'];
    const answer = await api.send({ path: `${base}/x/inspect`, headers });
    expect(answer.json).toMatchObject({ user: { name: 'dora', groups: [...groups, 'system:authenticated'] } });
  });
});

describe('the probes', () => {
  it('the probes need no user after the handshake', async () => {
    for (const path of ['/healthz', '/livez', '/readyz']) {
      expect(await api.send({ path })).toMatchObject({ status: 200, text: 'ok' });
    }
  });

  it('the readiness probe names failed checks while the liveness probe passes', async () => {
    const closed = await openApi({
      ports: { readyz: [{ name: 'x', check: () => Promise.reject(new Error('secret')) }] },
    });
    try {
      expect(await closed.send({ path: '/livez' })).toMatchObject({ status: 200 });
      const answer = await closed.send({ path: '/readyz' });
      expect(answer).toMatchObject({ status: 503, json: { kind: 'Status', message: 'not ready: x' } });
    } finally {
      await closed.close();
    }
  });
});
