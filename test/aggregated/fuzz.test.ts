import { Agent, request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { serverName } from './support/client.ts';
import { openApi, type Api } from './support/in-process.ts';

const requests = 100_000;
const connections = 32;

let api: Api;
let agent: Agent;
beforeAll(async () => {
  api = await openApi({ ports: { logger: silent() } });
  agent = new Agent({ keepAlive: true, maxSockets: connections });
});
afterAll(async () => {
  agent.destroy();
  await api.close();
});

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'namespaces',
      'ns',
      'aegisalerts',
      'nodes',
      'x',
      'absent',
      'inspect',
      'trigger',
      'resolve',
      'diagnose',
      'warned',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      '.',
      '..',
      '%2e%2e',
      '%2F',
      '%252F',
      '%',
      '%ff',
      '%00',
      'status',
      'watch',
      'proxy',
      ';a=b',
      '%5c',
      '*',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }).map((text) => encodeURIComponent(text.toWellFormed())) },
);
const base = fc.constantFrom(
  '/apis/subresources.aegis.io/v1alpha1',
  '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts',
  '/apis/aegis.io/v1alpha1',
  '/apis',
  '/api/v1',
  '',
  '/openapi/v3',
  '/healthz',
  '//apis/subresources.aegis.io/v1alpha1',
);
const alerts = '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts';
const known = fc
  .tuple(fc.constantFrom(`${alerts}/x`, `${alerts}/absent`, `${alerts}/x%2Fy`), segment)
  .map(([path, last]) => `${path}/${last}`);
const query = fc.constantFrom(
  '',
  '',
  '?dryRun=All',
  '?dryRun=',
  '?fieldValidation=Warn',
  '?fieldValidation=x',
  '?watch=1',
  '?a=%',
  '?timeout=1s&pretty=true',
  '?dryRun=All&dryRun=All',
  '?fieldSelector=metadata.name%3Dx',
);
const header = fc.oneof(
  fc.constantFrom<[string, string]>(
    ['X-Remote-User', 'noone'],
    ['X-Remote-User', 'alice'],
    ['X-Remote-User', ''],
    ['X-Remote-User', '\xff'],
    ['X-Remote-Group', 'team, system:masters'],
    ['X-Remote-Group', ''],
    ['X-Remote-Extra-k%zz', 'v'],
    ['X-Remote-Extra-__proto__', 'v'],
    ['Authorization', 'Bearer x'],
    ['Accept', 'text/html'],
    ['Accept', 'application/json;as=Table;g=meta.k8s.io;v=v1'],
    ['Accept', ';;,q=,'],
    ['Content-Type', 'text/plain'],
    ['Content-Type', 'application/json'],
    ['Content-Encoding', 'gzip'],
    ['Expect', '100-continue'],
    ['Expect', 'x'],
    ['Audit-ID', 'a'],
    ['Audit-ID', '<script>'],
    ['traceparent', '00-0-0-0'],
    ['Impersonate-User', 'root'],
    ['X-Forwarded-User', 'root'],
    ['Upgrade', 'websocket'],
  ),
  fc.tuple(
    fc.constantFrom('X-Remote-Extra-a', 'User-Agent', 'Warning', 'X-Remote-Group'),
    fc.stringMatching(/^[\x20-\x7e]{0,20}$/),
  ),
);
const body = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(
    '',
    '{}',
    '{',
    '[]',
    'null',
    '{"reason":"why"}',
    '{"__proto__":{"a":1}}',
    '{"constructor":1,"count":9007199254740993}',
    '{"parameters":{"__proto__":"x"}}',
    '{"apiVersion":1}',
    '\u0000',
  ),
  fc.json({ maxDepth: 2 }),
);
const user = fc.oneof(
  { weight: 5, arbitrary: fc.constant<[string, string][]>([['X-Remote-User', 'alice']]) },
  { weight: 1, arbitrary: fc.constant<[string, string][]>([['X-Remote-User', 'noone']]) },
  { weight: 1, arbitrary: fc.constant<[string, string][]>([]) },
);
const attempt = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'),
  path: fc
    .tuple(fc.oneof(known, fc.tuple(base, fc.array(segment, { maxLength: 6 })).map(joined)), query)
    .map(([path, end]) => `${path === '' ? '/' : path}${end}`),
  headers: fc.tuple(user, fc.array(header, { maxLength: 3 })).map(([first, rest]) => [...first, ...rest]),
  body,
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

it('every random request is answered by a Status or by a handler that was authorised', async () => {
  const attempts = fc.sample(attempt, { numRuns: 20_000, seed: 20_261_127 });
  const codes = new Map<number, number>();
  let next = 0;
  const work = async () => {
    while (next < requests) {
      const one = attempts[next % attempts.length]!;
      // Each round is another one: the same paths with the headers and bodies of others.
      const other = attempts[(next * 7 + Math.floor(next / attempts.length)) % attempts.length]!;
      next += 1;
      const sent = { ...one, headers: other.headers, body: other.body };
      const answer = await roundTrip(sent);
      codes.set(answer.status, (codes.get(answer.status) ?? 0) + 1);
      const complaint = complaintAbout(sent, answer);
      if (complaint !== undefined) throw new Error(`${complaint}: ${JSON.stringify({ sent, answer })}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  expect([...codes.values()].reduce((a, b) => a + b)).toBe(requests);
  // The fuzzer reaches what it is meant to reach.
  for (const code of [200, 201, 400, 401, 403, 404, 405, 406, 415, 417, 422]) expect([...codes.keys()]).toContain(code);
  expect(api.calls.every(({ user }) => !user.name.startsWith('no') && !user.groups.includes('system:masters'))).toBe(
    true,
  );
  expect(
    api.calls.every(({ name, namespace }) => !/[/%]|^\.\.?$/.test(name) && (namespace === '' || namespace === 'ns')),
  ).toBe(true);
}, 600_000);

function joined([start, parts]: [string, string[]]): string {
  return [start, ...parts].join('/');
}

interface Outcome {
  readonly status: number;
  readonly type: string;
  readonly location: string | undefined;
  readonly text: string;
}

function complaintAbout(sent: Attempt, answer: Outcome): string | undefined {
  const { status, type, location } = answer;
  if (status >= 500) return 'a server error';
  if ((status >= 300 && status < 400) || location !== undefined) return 'a redirect';
  if (type.includes('html')) return 'HTML';
  if (status < 300) return mayHave(sent, answer) ? undefined : 'an answer to a user without the right';
  if (sent.method === 'HEAD') return undefined;
  const { kind, code } = JSON.parse(answer.text) as { kind?: string; code?: number };
  return kind === 'Status' && code === status ? undefined : 'no Status';
}

function mayHave({ path, headers }: Attempt, { type }: Outcome): boolean {
  const isProbe = type.startsWith('text/plain');
  const isDocument = /^\/apis(\?|$)/.test(path);
  const user = headers.find(([name]) => name === 'X-Remote-User')?.[1] ?? '';
  return isProbe || (user !== '' && (isDocument || !user.startsWith('no')));
}

function roundTrip({ method, path, headers, body: content }: Attempt): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const { port, serverCa: ca } = api.client;
  const length = content === undefined ? [] : ['Content-Length', String(Buffer.byteLength(content))];
  const outgoing = httpsRequest(
    {
      host: '127.0.0.1',
      port,
      ca,
      servername: serverName,
      ...api.identity,
      agent,
      method,
      path,
      headers: ['Host', serverName, ...length, ...headers.flat()] as never,
      timeout: 20_000,
    },
    (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { 'content-type': type = '', location } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 0, type, location, text });
      });
    },
  );
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    // The server closes a connection whose request it does not read to the end; the next one opens another.
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      resolve(roundTrip({ method, path, headers, body: content }));
    else reject(error);
  });
  // As bytes: with a text Node would send the headers as UTF-8.
  outgoing.end(content === undefined ? undefined : Buffer.from(content));
  return promise;
}

function silent() {
  return pino({ level: 'silent' });
}
