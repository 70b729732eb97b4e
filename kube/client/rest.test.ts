import { afterEach, describe, expect, it } from '@jest/globals';

import {
  hangUp,
  json,
  raw,
  silence,
  startFakeApi,
  status,
  step,
  stream,
  type FakeApi,
  type Step,
} from '../../test/kube/fake-api.ts';
import { ApiError } from './api-error.ts';
import { openConnection } from './connection.ts';
import { createRestClient, type RequestObservation, type RestOptions } from './rest.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

async function start(script: Step[], options: RestOptions = {}, authorization?: string) {
  api = await startFakeApi(script, authorization);
  return createRestClient(api.connection, options);
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('a request', () => {
  it('a request sends query, headers and JSON, and parses the response', async () => {
    const rest = await start([step('POST /apis/x?dryRun=All', json(201, { made: true }))], {}, 'Bearer abc');
    const query = { dryRun: 'All', fieldManager: undefined };
    expect(await rest.request({ method: 'POST', path: '/apis/x', query, body: { a: 1 } })).toEqual({ made: true });
    const [seen] = api?.requests ?? [];
    expect(seen?.query).toEqual({ dryRun: 'All' });
    expect(seen?.body).toBe('{"a":1}');
    expect(seen?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'aegis',
      authorization: 'Bearer abc',
    });
  });

  it('a request resolves to undefined for an empty body', async () => {
    const rest = await start([step('GET /empty', raw(200, ''))]);
    expect(await rest.request({ method: 'GET', path: '/empty' })).toBeUndefined();
  });

  it('consecutive requests reuse connections', async () => {
    const rest = await start(Array.from({ length: 100 }, () => step('GET /x', json(200, {}))));
    for (let i = 0; i < 100; i++) await rest.request({ method: 'GET', path: '/x' });
    // Two, since one is not quite free again when its answer is complete.
    expect(api?.connections()).toBeLessThanOrEqual(2);
  });

  it('a failed request has the Retry-After of the response', async () => {
    const rest = await start([
      step('GET /x', json(429, status(429, 'TooManyRequests', 'slow down'), { 'retry-after': '3' })),
    ]);
    expect(await failure(rest.request({ method: 'GET', path: '/x' }))).toMatchObject({
      status: 429,
      message: 'slow down',
      retry: { kind: 'retryable', afterMs: 3_000 },
    });
  });

  it('a response that is not JSON is invalid, and its write ambiguous', async () => {
    const rest = await start([step('PUT /x', raw(200, '{"kind":"Thi'))]);
    expect(await failure(rest.request({ method: 'PUT', path: '/x', body: {} }))).toMatchObject({
      reason: 'InvalidAnswer',
      retry: { kind: 'retryable' },
      ambiguous: true,
    });
  });

  it('a write whose connection breaks is ambiguous, a dry run is not', async () => {
    const rest = await start([step('POST /x', hangUp()), step('POST /x', hangUp())]);
    const write = { method: 'POST', path: '/x', body: {} } as const;
    expect(await failure(rest.request(write))).toMatchObject({ reason: 'NoAnswer', status: 0, ambiguous: true });
    expect(await failure(rest.request({ ...write, query: { dryRun: 'All' } }))).toMatchObject({ ambiguous: false });
  });

  it('a write to a closed port is not ambiguous', async () => {
    const credentials = {
      current: () => Promise.resolve({ headers: {}, tls: {}, tlsFingerprint: '' }),
      rejected: () => undefined,
    };
    const connection = openConnection({ server: 'http://127.0.0.1:1', credentials });
    const error = await failure(createRestClient(connection).request({ method: 'POST', path: '/x', body: {} }));
    expect(error).toMatchObject({ reason: 'NoAnswer', ambiguous: false, retry: { kind: 'retryable' } });
    await connection.close();
  });

  it('a request ends at its deadline', async () => {
    const rest = await start([step('PATCH /x', silence())], { timeoutMs: 20 });
    expect(await failure(rest.request({ method: 'PATCH', path: '/x', body: {} }))).toMatchObject({
      reason: 'DeadlineExceeded',
      retry: { kind: 'retryable' },
      ambiguous: true,
    });
  });

  it('a request ends at its deadline also after the response began', async () => {
    const rest = await start([
      step('GET /x', (response) => {
        response.writeHead(200).write('{');
      }),
    ]);
    expect(await failure(rest.request({ method: 'GET', path: '/x', timeoutMs: 20 }))).toMatchObject({
      reason: 'DeadlineExceeded',
    });
  });

  it('a request ends at its deadline also when a credential plugin hangs', async () => {
    const credentials = { current: () => new Promise<never>(() => undefined), rejected: () => undefined };
    const connection = openConnection({ server: 'http://127.0.0.1:1', credentials });
    const rest = createRestClient(connection, { timeoutMs: 20 });
    expect(await failure(rest.request({ method: 'GET', path: '/x' }))).toMatchObject({ reason: 'DeadlineExceeded' });
  });

  it("a request throws the reason of the caller's signal", async () => {
    const caller = new AbortController();
    const reason = new Error('shutting down');
    const rest = await start([
      step('GET /x', () => {
        caller.abort(reason);
      }),
    ]);
    await expect(rest.request({ method: 'GET', path: '/x', signal: caller.signal })).rejects.toBe(reason);
    await expect(rest.request({ method: 'GET', path: '/x', signal: caller.signal })).rejects.toBe(reason);
  });

  it('a request ends when the signal of its client or its own aborts', async () => {
    const run = new AbortController();
    const own = new AbortController();
    const reason = new Error('the run is over');
    const rest = await start([
      step('GET /x', json(200, {})),
      step('GET /x', () => {
        run.abort(reason);
      }),
      step('GET /x', json(200, { after: true })),
    ]);
    const bound = rest.withSignal(() => undefined).withSignal(() => run.signal);
    const request = { method: 'GET', path: '/x', signal: own.signal } as const;
    expect(await bound.request(request)).toEqual({});
    await expect(bound.request(request)).rejects.toBe(reason);
    await expect(bound.request({ method: 'GET', path: '/x' })).rejects.toBe(reason);
    own.abort(new Error('not wanted'));
    await expect(rest.withSignal(() => undefined).request(request)).rejects.toBe(own.signal.reason);
    expect(await rest.request({ method: 'GET', path: '/x' })).toEqual({ after: true });
  });

  it('a request is sent with additional headers and as the impersonated user', async () => {
    const rest = await start([step('GET /x', json(200, {}))], {}, 'Bearer abc');
    await rest.request({
      method: 'GET',
      path: '/x',
      headers: { 'X-Request-Id': '7', Accept: 'text/plain' },
      impersonate: { user: 'jane', groups: ['a', 'b'] },
    });
    expect(api?.requests[0]?.headers).toMatchObject({
      'x-request-id': '7',
      accept: 'application/json',
      authorization: 'Bearer abc',
      'impersonate-user': 'jane',
      'impersonate-group': 'a, b',
    });
    const refused = {
      method: 'GET',
      path: '/x',
      impersonate: { user: 'jane\r\nimpersonate-group: system:masters' },
    } as const;
    expect(await failure(rest.request(refused))).toMatchObject({
      reason: 'InvalidHeader',
      retry: { kind: 'terminal' },
    });
    expect(await failure(rest.stream({ ...refused, idleTimeoutMs: 1 }))).toMatchObject({ reason: 'InvalidHeader' });
  });

  it('an error of a request never contains the token', async () => {
    const rest = await start([step('GET /x', hangUp()), step('GET /x', silence())], { timeoutMs: 20 }, 'Bearer sesame');
    for (let i = 0; i < 2; i++) {
      const error = await failure(rest.request({ method: 'GET', path: '/x' }));
      const everything = [error, error.cause].map((one) => JSON.stringify(one, Object.getOwnPropertyNames(one ?? {})));
      expect(everything.join()).not.toContain('sesame');
    }
  });

  it('a request is observed with its label, its status and its duration', async () => {
    const seen: RequestObservation[] = [];
    const rest = await start(
      [step('GET /x', json(200, {})), step('POST /x', json(409, {})), step('GET /x', hangUp())],
      {
        onRequest: (observation) => seen.push(observation),
      },
    );
    const label = { verb: 'list', resource: 'things' };
    await rest.request({ method: 'GET', path: '/x', label });
    await failure(rest.request({ method: 'POST', path: '/x', body: {} }));
    await failure(rest.request({ method: 'GET', path: '/x', label }));
    expect(seen.map(({ verb, resource, status: code }) => [verb, resource, code])).toEqual([
      ['list', 'things', 200],
      ['post', '', 409],
      ['list', 'things', 0],
    ]);
    expect(seen.every(({ seconds }) => seconds > 0)).toBe(true);
  });
});

describe('a stream', () => {
  it('a stream outlives the deadline for its headers', async () => {
    const rest = await start([
      step('GET /x', (response) => {
        response.writeHead(200).write('a');
        setTimeout(() => response.end('b'), 2_200);
      }),
    ]);
    const body = await rest.stream({ method: 'GET', path: '/x', timeoutMs: 2_000, idleTimeoutMs: 5_000 });
    const chunks: string[] = [];
    for await (const chunk of body) chunks.push(chunk.toString());
    expect(chunks.join('')).toBe('ab');
  });

  it('a stream breaks when it receives no data for too long', async () => {
    const rest = await start([step('GET /x', stream(['a'], 'stay open'))]);
    const body = await rest.stream({ method: 'GET', path: '/x', idleTimeoutMs: 50 });
    const read = async () => {
      for await (const chunk of body) expect(chunk.toString()).toBe('a');
    };
    expect(await failure(read())).toMatchObject({ reason: 'Idle', retry: { kind: 'retryable' } });
  });

  it("a stream ends with the caller's signal", async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    const rest = await start([step('GET /x', stream(['a'], 'stay open'))]);
    const body = await rest.stream({ method: 'GET', path: '/x', idleTimeoutMs: 5_000, signal: caller.signal });
    const read = async () => {
      for await (const chunk of body) {
        expect(chunk.toString()).toBe('a');
        caller.abort(reason);
      }
    };
    await expect(read()).rejects.toBe(reason);
  });

  it('a stream ends with the signal of its client', async () => {
    const run = new AbortController();
    const reason = new Error('the run is over');
    const rest = await start([step('GET /x', stream(['a'], 'stay open'))]);
    const body = await rest.withSignal(() => run.signal).stream({ method: 'GET', path: '/x', idleTimeoutMs: 5_000 });
    const read = async () => {
      for await (const chunk of body) {
        expect(chunk.toString()).toBe('a');
        run.abort(reason);
      }
    };
    await expect(read()).rejects.toBe(reason);
  });

  it('streams and requests do not wait for each other', async () => {
    const many = 40;
    const rest = await start([
      ...Array.from({ length: many }, () => step('GET /watch', stream(['a'], 'stay open'))),
      step('GET /x', json(200, {})),
    ]);
    for (let i = 0; i < many; i++) await rest.stream({ method: 'GET', path: '/watch', idleTimeoutMs: 60_000 });
    expect(await rest.request({ method: 'GET', path: '/x' })).toEqual({});
  });
});
