import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asUser, serverName } from '../../test/aggregated/support/client.ts';
import { openApi, type Api } from '../../test/aggregated/support/in-process.ts';
import { echo, echoTable } from '../../test/aggregated/support/tables.ts';
import { maxBody } from './body.ts';
import { createConcurrency } from './limits.ts';
import { createRoutes } from './routes.ts';

const base = '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts';
const alice = asUser('alice', 'ops');

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('a request that is allowed', () => {
  it('reaches its handler with who asks and what for', async () => {
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
  ])('may bring %s', async (_, { body, headers = [] }: { body?: string; headers?: string[] }, expected) => {
    const chunked = headers.includes('Transfer-Encoding');
    const sent = { method: 'POST', path: `${base}/x/trigger`, headers: [...alice, ...headers] };
    const answer = await (chunked
      ? raw(`POST ${base}/x/trigger HTTP/1.1`, [...alice, ...headers], '2\r\n{}\r\n0\r\n\r\n')
      : api.send({ ...sent, ...(body === undefined ? {} : { body }) }));
    expect(answer).toMatchObject({ status: 201, json: { body: expected } });
  });

  it('may ask for a dry run', async () => {
    const answer = await api.send({ method: 'POST', path: `${base}/x/trigger?dryRun=All`, headers: alice });
    expect(answer.json).toMatchObject({ dryRun: true });
  });

  it('may be a HEAD', async () => {
    const answer = await api.send({ method: 'HEAD', path: `${base}/x/inspect`, headers: alice });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(10);
  });

  it('is answered with a table where there is one and the client likes that best', async () => {
    const headers = [...alice, 'Accept', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'];
    expect((await api.send({ path: `${base}/x/inspect`, headers })).json).toMatchObject({ kind: 'Table' });
    expect((await api.send({ path: `${base}/x/trigger`, headers })).json).toMatchObject({ kind: 'Echo' });
  });

  it('may be answered with warnings, which stay in one line each', async () => {
    const answer = await api.send({ path: `${base}/x/warned`, headers: alice });
    const utf8 = Buffer.from('späße', 'utf8').toString('latin1');
    expect(answer.headers['warning']).toBe(`299 - "say \\"no\\" X-Evil: yes", 299 - "${utf8}"`);
    expect(answer.headers['x-evil']).toBeUndefined();
  });

  it('keeps its audit ID, and gets one where it has none', async () => {
    const kept = await api.send({ path: '/apis', headers: [...alice, 'Audit-ID', 'a-1'] });
    expect(kept.headers['audit-id']).toBe('a-1');
    const made = await api.send({ path: '/apis', headers: [...alice, 'Audit-ID', 'a b'] });
    expect(made.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('every failure is a Status', () => {
  const post = { method: 'POST', path: `${base}/x/trigger` };
  const large = Buffer.alloc(maxBody + 1, 32);
  it.each([
    ['nobody asks', { path: `${base}/x/inspect`, headers: [] }, 401, 'Unauthorized'],
    ['it is not allowed', { path: `${base}/x/inspect`, headers: asUser('nobody') }, 403, 'Forbidden'],
    [
      'it is not allowed, whether or not the object is there',
      { path: `${base}/absent/inspect`, headers: asUser('nobody') },
      403,
      'Forbidden',
    ],
    ['there is no such object', { path: `${base}/absent/inspect` }, 404, 'NotFound'],
    ['there is no such path', { path: '/nothing' }, 404, 'NotFound'],
    ['a path of documents ends in a slash', { path: '/apis/' }, 404, 'NotFound'],
    ['there is no such group', { path: '/apis/other/v1/namespaces/ns/aegisalerts/x/inspect' }, 404, 'NotFound'],
    ['there is no such version', { path: '/apis/subresources.aegis.io/v1/nodes/n/diagnose' }, 404, 'NotFound'],
    ['there is no such resource', { path: `${base.replace('aegisalerts', 'others')}/x/inspect` }, 404, 'NotFound'],
    ['there is no such subresource', { path: `${base}/x/other` }, 404, 'NotFound'],
    ['the namespace is missing', { path: `${base.replace('namespaces/ns/', '')}/x/inspect` }, 404, 'NotFound'],
    [
      'the resource has no namespace',
      { path: '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/nodes/n/diagnose' },
      404,
      'NotFound',
    ],
    ['it goes deeper than a subresource', { path: `${base}/x/inspect/more` }, 404, 'NotFound'],
    ['it ends in a slash', { path: `${base}/x/inspect/` }, 404, 'NotFound'],
    ['a segment is empty', { path: `/${base}/x/inspect` }, 404, 'NotFound'],
    ['it climbs', { path: `${base}/../x/inspect` }, 404, 'NotFound'],
    ['it is encoded twice', { path: `${base}/x%252Finspect` }, 404, 'NotFound'],
    ['it is not encoded properly', { path: `${base}/%zz/inspect` }, 400, 'BadRequest'],
    ['the resource is listed', { path: base }, 405, 'MethodNotAllowed'],
    ['the resource is watched', { path: `${base}?watch=true` }, 405, 'MethodNotAllowed'],
    ['the parent is read', { path: `${base}/x` }, 405, 'MethodNotAllowed'],
    ['the method is another', { ...post, method: 'DELETE' }, 405, 'MethodNotAllowed'],
    ['the method is unknown', { ...post, method: 'OPTIONS' }, 405, 'MethodNotAllowed'],
    ['a document is written', { method: 'POST', path: '/apis' }, 405, 'MethodNotAllowed'],
    ['a probe is written', { method: 'POST', path: '/healthz' }, 405, 'MethodNotAllowed'],
    [
      'the client takes no JSON',
      { path: `${base}/x/inspect`, headers: [...alice, 'Accept', 'text/html'] },
      406,
      'NotAcceptable',
    ],
    ['the body is too large', { ...post, body: large }, 413, 'RequestEntityTooLarge'],
    [
      'the body is of another type',
      { ...post, body: 'a=b', headers: [...alice, 'Content-Type', 'text/plain'] },
      415,
      'UnsupportedMediaType',
    ],
    [
      'the body is compressed',
      { ...post, body: 'x', headers: [...alice, 'Content-Encoding', 'gzip'] },
      415,
      'UnsupportedMediaType',
    ],
    ['the body is no JSON', { ...post, body: '{' }, 400, 'BadRequest'],
    ['the body has too many parts', { ...post, body: `{"a":[${'{},'.repeat(5_000)}0]}` }, 400, 'BadRequest'],
    ['the body is no UTF-8', { ...post, body: Buffer.from('{"reason":"\xff"}', 'latin1') }, 400, 'BadRequest'],
    ['the body is no object', { ...post, body: '[]' }, 400, 'BadRequest'],
    ['the body is wrong', { ...post, body: '{"count":-1,"typo":1}' }, 422, 'Invalid'],
    [
      'a body comes where none is wanted',
      { method: 'POST', path: `${base}/x/resolve`, body: '{"a":1}' },
      422,
      'Invalid',
    ],
    ['the dry run is not All', { ...post, path: `${post.path}?dryRun=true` }, 400, 'BadRequest'],
    ['the dry run is said twice', { ...post, path: `${post.path}?dryRun=All&dryRun=` }, 400, 'BadRequest'],
    ['the field validation is unknown', { ...post, path: `${post.path}?fieldValidation=strict` }, 400, 'BadRequest'],
    ['more is expected than can be', { ...post, headers: [...alice, 'Expect', 'miracle'] }, 417, 'ExpectationFailed'],
    ['the handler fails', { path: `${base}/x/broken` }, 500, 'InternalError'],
    ['the handler takes too long', { path: `${base}/x/stuck` }, 504, 'Timeout'],
  ])('when %s', async (_, sent, code, reason) => {
    const answer = await api.send({ headers: alice, ...sent });
    expect(answer.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
    expect(answer).toMatchObject({
      status: code,
      headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    });
    expect(answer.headers['audit-id']).toBeDefined();
    expect(answer.headers.location).toBeUndefined();
  });

  it('a 405 names what is allowed', async () => {
    const allowed = async (method: string, path: string) =>
      (await api.send({ method, path, headers: alice })).headers.allow;
    expect(await allowed('PUT', `${base}/x/trigger`)).toBe('GET, HEAD, POST');
    expect(await allowed('POST', `${base}/x/inspect`)).toBe('GET, HEAD');
    expect(await allowed('GET', `${base}/x/resolve`)).toBe('POST');
    expect(await allowed('GET', base)).toBe('');
    expect(await allowed('POST', '/apis')).toBe('GET, HEAD');
  });

  it('a 500 says nothing of the inside, and one line of the log does', async () => {
    api.lines.length = 0;
    const answer = await api.send({ path: `${base}/x/broken`, headers: alice });
    expect(answer.text).not.toContain('secret');
    expect(answer.text).toContain(answer.headers['audit-id']);
    const errors = api.lines.filter(({ msg }) => msg === 'Request failed');
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain('secret inside');
  });

  it('what is no HTTP, too much or a tunnel is answered with a Status as well', async () => {
    expect(await raw('NONSENSE', [], '')).toMatchObject({ status: 400, json: { kind: 'Status', code: 400 } });
    const huge = ['X-Remote-Extra-a', 'x'.repeat(1_100_000)];
    expect(await raw(`GET ${base}/x/inspect HTTP/1.1`, huge, '')).toMatchObject({
      status: 431,
      json: { kind: 'Status', code: 431 },
    });
    expect(await raw('CONNECT host:1 HTTP/1.1', [], '')).toMatchObject({ status: 405, json: { kind: 'Status' } });
    expect(await raw('GET /healthz HTTP/1.1', [], '')).toMatchObject({ status: 200, text: 'ok' });
  });
});

describe('who may not ask', () => {
  it('makes the server read no body', async () => {
    const path = `${base}/x/trigger`;
    for (const [headers, status] of [
      [[], 401],
      [asUser('nobody'), 403],
    ] as const) {
      const answer = await raw(
        `POST ${path} HTTP/1.1`,
        [...headers, 'Content-Length', '1000', 'Expect', '100-continue'],
        '',
      );
      expect(answer).toMatchObject({ status, json: { kind: 'Status' } });
    }
  });

  it('is asked about with the parts by which the request is routed', async () => {
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

  it('is asked about as somebody in one group, however many commas it has', async () => {
    api.questions.length = 0;
    const headers = asUser('nobody', 'team, system:masters', 'b');
    expect((await api.send({ path: `${base}/x/inspect`, headers })).status).toBe(403);
    expect(api.questions[0]?.groups).toEqual(['team, system:masters', 'b', 'system:authenticated']);
  });
});

describe('large headers', () => {
  it('arrive: three thousand groups and the user behind them', async () => {
    const groups = Array.from({ length: 3_000 }, (_, index) => `group-${index}`);
    const headers = [...groups.flatMap((group) => ['X-Remote-Group', group]), 'X-Remote-User', 'dora'];
    const answer = await api.send({ path: `${base}/x/inspect`, headers });
    expect(answer.json).toMatchObject({ user: { name: 'dora', groups: [...groups, 'system:authenticated'] } });
  });
});

describe('the probes', () => {
  it('are open to everybody who got through the handshake', async () => {
    for (const path of ['/healthz', '/livez', '/readyz']) {
      expect(await api.send({ path })).toMatchObject({ status: 200, text: 'ok' });
    }
  });

  it('say what is missing, but live', async () => {
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

describe('too much at once', () => {
  it('is turned away for one user, and for all, while discovery goes on', async () => {
    const busy = await openApi({ ports: { concurrency: createConcurrency({ all: 2, perUser: 1 }) } });
    try {
      const stuck = (user: string) => busy.send({ path: `${base}/x/stuck`, headers: asUser(user) });
      const underWay = [stuck('a')];
      await untilInFlight(busy, 1);
      expect(await stuck('a')).toMatchObject({
        status: 429,
        headers: { 'retry-after': '1' },
        json: { kind: 'Status' },
      });
      underWay.push(stuck('b'));
      await untilInFlight(busy, 2);
      expect(await stuck('c')).toMatchObject({ status: 429, json: { reason: 'TooManyRequests' } });
      expect(await busy.send({ path: '/apis', headers: asUser('a') })).toMatchObject({ status: 200 });
      expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([504, 504]);
      expect(await busy.send({ path: `${base}/x/inspect`, headers: asUser('a') })).toMatchObject({ status: 200 });
    } finally {
      await busy.close();
    }
  });
});

describe('a caller who hangs up', () => {
  it('ends the work of its request', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<string>();
    const routes = createRoutes([
      {
        ...echoTable()[0]!,
        subresources: [
          {
            name: 'inspect',
            kind: 'Echo',
            get: echo([], {
              handle: ({ signal }) => {
                signal.addEventListener('abort', () => {
                  resolve((signal.reason as Error).name);
                });
                socket.destroy();
                return new Promise(() => undefined);
              },
            }),
          },
        ],
      },
    ]);
    const left = await openApi({ ports: { routes } });
    const { port, serverCa } = left.client;
    const socket = connect({ host: '127.0.0.1', port, servername: serverName, ca: serverCa, ...left.identity }, () => {
      socket.write(`GET ${base}/x/inspect HTTP/1.1\r\nHost: x\r\nX-Remote-User: a\r\n\r\n`);
    });
    try {
      expect(await aborted).toBe('CallerGoneError');
    } finally {
      await left.close();
    }
    expect(left.lines.find(({ msg }) => msg === 'Request')).toMatchObject({ code: 499 });
  });
});

describe('at the end', () => {
  it('new requests are sent elsewhere, those under way are finished', async () => {
    const ending = await openApi();
    const underWay = ending.send({ path: `${base}/x/stuck`, headers: alice });
    try {
      await untilInFlight(ending, 1);
      ending.state.draining = true;
      const answer = await ending.send({ path: `${base}/x/inspect`, headers: alice });
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1', connection: 'close' },
        json: { kind: 'Status', reason: 'ServiceUnavailable' },
      });
      expect(await ending.send({ path: '/livez' })).toMatchObject({ status: 200 });
    } finally {
      await ending.close();
    }
    expect((await underWay).status).toBe(504);
  });
});

describe('the log', () => {
  it('has one line for each request, and nothing that was sent beyond it', async () => {
    api.lines.length = 0;
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = [
      ...asUser('frank', 'hidden-group'),
      'Authorization',
      'Bearer hidden-token',
      'traceparent',
      traceparent,
    ];
    const sent = {
      method: 'POST',
      path: `${base}/x/trigger?dryRun=All&note=hidden-query`,
      headers,
      body: '{"reason":"hidden-body"}',
    };
    await api.send({ ...sent, headers: [...headers, 'Audit-ID', 'audit-7', 'X-Remote-Extra-k', 'hidden-extra'] });
    const lines = api.lines.filter(({ msg }) => msg === 'Request');
    expect(lines).toMatchObject([
      {
        level: 30,
        user: 'frank',
        groups: 2,
        verb: 'create',
        resource: 'aegisalerts',
        subresource: 'trigger',
        namespace: 'ns',
        name: 'x',
        dryRun: true,
        code: 201,
        decision: 'allow',
        auditID: 'audit-7',
        traceID: '0af7651916cd43dd8448eb211c80319c',
      },
    ]);
    expect(JSON.stringify(api.lines)).not.toContain('hidden');
  });

  it('shows a name that would write to a terminal as what it is', async () => {
    api.lines.length = 0;
    const evil = 'a\u009b31m\u202egnp\u2028{"level":30}';
    const headers = ['X-Remote-User', Buffer.from(evil, 'utf8').toString('latin1')];
    const name = encodeURIComponent(`x\n\u001b[2J`);
    await api.send({ path: `${base}/${name}/inspect`, headers: [...headers, 'User-Agent', 'agent\u009b31m'] });
    const [line] = api.lines.filter(({ msg }) => msg === 'Request');
    expect(line).toMatchObject({
      user: 'a\\u{9b}31m\\u{202e}gnp\\u{2028}{"level":30}',
      name: 'x\\u{a}\\u{1b}[2J',
      code: 200,
    });
    expect(JSON.stringify(api.lines)).not.toContain('agent');
    // The handler sees what was sent: only the log is for eyes.
    expect(api.calls.at(-1)).toMatchObject({ user: { name: evil } });
  });

  it.each(['a\rb', 'a\nb', 'a\u001b[31mb', 'a\u0000b'])('is not reached by a header such as %j', async (value) => {
    const answer = await raw(`GET ${base}/x/inspect HTTP/1.1`, ['X-Remote-User', value], '');
    expect(answer).toMatchObject({ status: 400, json: { kind: 'Status' } });
  });

  it('is quiet about discovery, and says what was refused', async () => {
    api.lines.length = 0;
    await api.send({ path: '/apis', headers: alice });
    await api.send({ path: `${base}/x/inspect`, headers: asUser('nobody') });
    await api.send({ path: `${base}/x/inspect` });
    expect(api.lines.filter(({ msg }) => msg === 'Request')).toMatchObject([
      { level: 20, path: '/apis', code: 200 },
      { level: 30, decision: 'forbid', code: 403 },
      { level: 30, code: 401 },
    ]);
  });
});

describe('the metrics', () => {
  it('count what was asked for in words of the table only', async () => {
    await api.send({ path: `${base}/x/inspect`, headers: alice });
    await api.send({ path: `${base}/x/inspect-secret`, headers: alice });
    const text = await api.registry.metrics();
    expect(text).toMatch(
      /aegis_api_requests_total\{verb="get",resource="aegisalerts",subresource="inspect",code="200"\} \d+/,
    );
    expect(text).toMatch(/aegis_api_access_reviews_total\{result="allowed",cached="false"\}/);
    expect(text).toMatch(/aegis_api_authentication_failures_total\{reason="no_user"\}/);
    expect(text).not.toContain('secret');
  });
});

async function untilInFlight(busy: Api, count: number): Promise<void> {
  while (busy.calls.length + busy.questions.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Sends bytes that a client library would not. */
function raw(line: string, headers: readonly string[], body: string) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string; json: unknown }>();
  const { port, serverCa } = api.client;
  const socket = connect({ host: '127.0.0.1', port, servername: serverName, ca: serverCa, ...api.identity }, () => {
    const lines = [];
    for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
    socket.write(`${[line, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
  });
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('utf8')));
  socket.on('error', reject);
  socket.on('close', () => {
    const [head = '', ...rest] = received.split('\r\n\r\n');
    const text = rest.join('\r\n\r\n');
    resolve({ status: Number(head.split(' ')[1]), text, json: jsonOf(text) });
  });
  return promise;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
