import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openIngest } from '../../../test/ingest/fakes/http-ingest.ts';
import { defaultSource } from '../../../alerts/sources/default.ts';
import { bearerToken, jsonContentTypes, mayPublish, readJson } from '../../../alerts/sources/json-source.ts';
import type { Source } from '../../../alerts/sources/source.ts';
import type { IngestHandlerPorts } from './handler.ts';
import { AlertLimiter } from '../alert-limiter.ts';
import { RequestLimiter } from '../../http/load-limits.ts';
import { SecretFile } from './secret-file.ts';

type Ingest = Awaited<ReturnType<typeof openIngest>>;
let ingest: Ingest;

async function open(overrides?: Partial<IngestHandlerPorts>): Promise<Ingest> {
  ingest = await openIngest(overrides);
  return ingest;
}

afterEach(async () => {
  await ingest.close();
});

const alert = {
  type: 'NodeDown',
  status: 'Firing',
  involvedObject: { Kind: 'Node', Name: 'dev1' },
  details: { node: 'dev1' },
  fingerprint: 'f',
};

describe('the HTTP handler of the ingest', () => {
  it('the ingest returns the results of the alerts', async () => {
    const { post } = await open();
    expect((await post('/default/alert', alert)).body).toMatchObject({ accepted: 1, created: 1, rejected: [] });
    expect((await post('/alert', [alert, alert])).body).toMatchObject({ accepted: 2, duplicates: 2 });
    expect((await post('/alert', { ...alert, status: 'Resovled' })).body).toMatchObject({ accepted: 1, resolved: 1 });
    expect((await post('/alert', { ...alert, status: 'Resolved' })).body).toMatchObject({ accepted: 0, ignored: 1 });
  });

  it.each([
    ['application/json; charset=utf-8', 200],
    ['application/x-www-form-urlencoded', 200],
    ['APPLICATION/JSON', 200],
    ['', 200],
    ['text/plain', 415],
    ['application/xml', 415],
  ])('the ingest answers the content type %j with %i', async (type, status) => {
    const { post } = await open();
    expect((await post('/alert', alert, { headers: { 'content-type': type } })).status).toBe(status);
  });

  it.each([
    ['no JSON', 'hello'],
    ['an empty body', ''],
    ['half a body', '{"type":'],
    ['bytes', randomBytes(64)],
    ['a number', '7'],
  ])('the ingest refuses %s with 400 and stores a dead letter', async (_, body) => {
    const { post, letters } = await open();
    expect(await post('/alert', body)).toMatchObject({ status: 400, body: { reason: 'BodyUnreadable' } });
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ source: 'default', reason: 'BodyUnreadable' });
  });

  it('the ingest accepts a body with a byte order mark, invalid UTF-8, compression or 100,000 levels', async () => {
    const { post, letters } = await open();
    const text = JSON.stringify(alert);
    const latin1 = Buffer.from(text.replace('"dev1"}', '"M\u00fcnchen"}'), 'latin1');
    const deep = text.replace('"node"', `"deep":${'['.repeat(1e5)}${']'.repeat(1e5)},"node"`);
    for (const body of [`\uFEFF${text}`, latin1, deep, text.replace('"f"', '1e999')]) {
      expect((await post('/alert', body)).status).toBe(200);
    }
    const compressed = await post('/alert', gzipSync(text), { headers: { 'content-encoding': 'gzip' } });
    expect(compressed.status).toBe(200);
    expect(letters).toEqual([]);
  });

  it.each([
    ['plain', () => Buffer.alloc(2 << 20), {}],
    ['as a bomb', () => gzipSync(Buffer.alloc(64 << 20)), { 'content-encoding': 'gzip' }],
    ['compressed', () => gzipSync(randomBytes(2 << 20)), { 'content-encoding': 'gzip' }],
  ])('the ingest refuses a body that is too large: %s', async (_, body, headers) => {
    const { post, registry } = await open();
    expect(await post('/alert', body(), { headers })).toMatchObject({ status: 413, body: { reason: 'BodyTooLarge' } });
    expect(await registry.metrics()).toContain('aegis_ingest_rejected_total{source="default",reason="BodyTooLarge"} 1');
    expect((await post('/alert', alert)).status).toBe(200);
  });

  it('the ingest answers an endless body and closes the connection', async () => {
    const { url, alertLimiter, post } = await open();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    socket.write('POST /alert HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    const pump = () => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on('drain', pump);
    pump();
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString()));
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.on('close', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(alertLimiter.inFlight()).toBe(0);
    expect((await post('/alert', alert)).status).toBe(200);
  });

  it('the ingest survives a sender that disconnects in the middle of a body', async () => {
    const { url, post } = await open();
    for (const head of [
      'content-length: 100',
      'content-length: 100\r\ncontent-encoding: gzip',
      'transfer-encoding: chunked',
    ]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.write(`POST /alert HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
    }
    expect((await post('/alert', alert)).status).toBe(200);
  });

  it('the ingest answers other paths with 404 and other methods with 405', async () => {
    const { post, url } = await open();
    expect(await post('/nowhere', alert)).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
    expect(await post('/%zz', alert)).toMatchObject({ status: 404 });
    const get = await fetch(`${url}/alert`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('the ingest answers 503 with the failed alerts when an alert could not be stored', async () => {
    const { api, post, letters } = await open();
    api.before = () => (api.calls.length > 1 ? Promise.reject(new Error('etcd is full')) : Promise.resolve());
    const payload = [alert, { ...alert, fingerprint: 'g' }, { type: 'X' }];
    const { status, headers, body } = await post('/alert', payload);
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(body).toMatchObject({
      reason: 'NotStored',
      created: 1,
      failed: [{ index: 1, reason: 'etcd is full' }],
      rejected: [{ index: 2 }],
    });
    expect(letters).toEqual([expect.objectContaining({ reason: 'UnknownStatus', content: '{"type":"X"}' })]);
    api.before = () => Promise.resolve();
    expect((await post('/alert', payload)).body).toMatchObject({ accepted: 2, created: 1, duplicates: 1 });
  });

  it('the ingest never answers 429 or 500 when the API server fails', async () => {
    const { api, post } = await open();
    api.before = () => Promise.reject(Object.assign(new Error('slow down'), { status: 429 }));
    expect((await post('/alert', alert)).status).toBe(503);
  });

  it('the ingest answers in time when the API server does not', async () => {
    const { api, post } = await open();
    api.before = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('too late'));
        });
      });
    expect((await post('/alert', alert)).status).toBe(503);
  });

  it('F17: the ingest rejects requests while too many are under way', async () => {
    const requestLimiter = new RequestLimiter({ requests: 1, bytes: 1000 });
    const alertLimiter = new AlertLimiter({ alerts: 10, alertsPerTenant: 2 });
    const { post } = await open({ requestLimiter, alertLimiter });
    const slot = requestLimiter.enter();
    expect(await post('/alert', alert)).toMatchObject({ status: 503, body: { reason: 'Overloaded' } });
    slot[Symbol.dispose]();
    const leave = alertLimiter.enter('monitoring', 2);
    expect((await post('/alert', alert)).status).toBe(503);
    expect((await post('/alert?namespace=team-a', alert)).status).toBe(200);
    leave();
    expect((await post('/alert', [alert, alert, alert])).status).toBe(200);
    expect((await post('/alert', { ...alert, details: { long: 'x'.repeat(1000) } })).status).toBe(503);
    expect((await post('/alert', alert)).status).toBe(200);
  });

  it('the ingest checks the bearer token before it reads the body', async () => {
    let file = 'first team-a\n# a comment\nsecond';
    const read = () => (file === '' ? Promise.reject(new Error('gone')) : Promise.resolve(file));
    let now = 0;
    const secrets = new Map([['default', new SecretFile('tokens', () => now, read)]]);
    const { post, api, logged } = await open({ secrets });
    const send = (token: string | undefined, path = '/alert') =>
      post(path, alert, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    expect(await send(undefined)).toMatchObject({ status: 401, body: { reason: 'TokenRequired' } });
    expect(await send('third')).toMatchObject({ status: 401, body: { reason: 'TokenUnknown' } });
    expect(await send('first')).toMatchObject({ status: 403, body: { reason: 'NamespaceForbidden' } });
    expect(api.calls).toEqual([]);
    expect((await send('first', '/alert?namespace=team-a')).status).toBe(200);
    expect((await send('second')).status).toBe(200);
    expect((await post('/alertmanager/alert', { alerts: [] })).status).toBe(200);
    file = 'third';
    now = 5_000;
    expect((await send('second')).status).toBe(401);
    expect((await send('third')).status).toBe(200);
    file = '';
    now = 10_000;
    expect(await send('third')).toMatchObject({ status: 503, body: { reason: 'TokensUnreadable' } });
    expect(JSON.stringify(logged)).not.toMatch(/first|second|third/);
  });

  it('the ingest reports a truncated group', async () => {
    const { post, truncated, registry } = await open();
    await post('/alertmanager/alert?namespace=team-a', { alerts: [], truncatedAlerts: 3 });
    expect(truncated).toEqual([[{ count: 3, groupLabels: {} }, 'team-a']]);
    expect(await registry.metrics()).toContain('aegis_ingest_requests_total{source="alertmanager",code="200"} 1');
  });
});

/** Senders that sign the bytes of the body with a shared key, such as PagerDuty. */
const signing: Source = {
  name: 'pagerduty',
  paths: ['/pagerduty/alert'],
  contentTypes: jsonContentTypes,
  authenticate: async ({ headers, namespace, raw }, secrets) => {
    const invalid = { ok: false, reason: 'SignatureInvalid', message: 'the signature is not valid' } as const;
    const body = await raw();
    const given = Buffer.from(String(headers['x-signature'] ?? ''), 'hex');
    for (const secret of (await secrets?.all()) ?? []) {
      const expected = createHmac('sha256', secret.value).update(body).digest();
      if (given.length === expected.length && timingSafeEqual(given, expected)) return mayPublish(secret, namespace);
    }
    return invalid;
  },
  read: readJson,
  parse: (body) => defaultSource.parse(body),
};

/** Senders of free text, which something slow turns into alerts. */
const freeText: Source = {
  name: 'ai',
  paths: ['/ai/alert'],
  contentTypes: ['text/plain'],
  authenticate: bearerToken,
  read: (raw) => Promise.resolve({ ok: true, body: raw.toString() }),
  parse: async (body, { signal }) => {
    await sleep(1, undefined, { signal });
    if (body === '') return { ok: false, reason: 'there is no text' };
    if (body === 'forever') await sleep(60_000, undefined, { signal });
    return defaultSource.parse({ ...alert, type: String(body) });
  },
};

describe('a source that signs the body in a header', () => {
  const text = JSON.stringify(alert);
  const signature = (key: string, body = text) => createHmac('sha256', key).update(body).digest('hex');
  const openSigning = () =>
    open({
      sources: [signing],
      secrets: new Map([
        [
          'pagerduty',
          new SecretFile(
            'keys',
            () => 0,
            () => Promise.resolve('key\nteam team-a'),
          ),
        ],
      ]),
    });

  it('a signed body is accepted with a valid signature, and refused with 401 without one', async () => {
    const { post, api, letters } = await openSigning();
    const signed = (value: string) => post('/pagerduty/alert', text, { headers: { 'x-signature': value } });
    expect((await signed(signature('key'))).status).toBe(200);
    expect(await signed(signature('other'))).toMatchObject({ status: 401, body: { reason: 'SignatureInvalid' } });
    expect(await signed(signature('key', `${text} `))).toMatchObject({ status: 401 });
    expect(await post('/pagerduty/alert', text)).toMatchObject({ status: 401 });
    expect(await signed(signature('team'))).toMatchObject({ status: 403, body: { reason: 'NamespaceForbidden' } });
    expect([api.objects.size, letters]).toEqual([1, []]);
  });

  it('a signed body is refused by content type and size before its signature is checked', async () => {
    const { post, requestLimiter } = await openSigning();
    const plain = await post('/pagerduty/alert', text, { headers: { 'content-type': 'text/plain' } });
    expect(plain).toMatchObject({ status: 415 });
    expect(await post('/pagerduty/alert', 'x'.repeat(2 << 20))).toMatchObject({ status: 413 });
    // Each of them has given its slot back.
    for (let count = 0; count < 8; count += 1) requestLimiter.enter();
    expect(() => requestLimiter.enter()).toThrow('under way');
  });
});

describe('a source of text/plain that is parsed asynchronously', () => {
  it('a source of text/plain accepts text and refuses JSON', async () => {
    const { post, api, letters } = await open({ sources: [freeText] });
    const send = (body: string, type = 'text/plain; charset=utf-8') =>
      post('/ai/alert', body, { headers: { 'content-type': type } });
    expect(await send('DiskFull')).toMatchObject({ status: 200, body: { created: 1 } });
    expect(await send('DiskFull', 'application/json')).toMatchObject({ status: 415 });
    expect([...api.objects.values()].map(({ spec }) => spec.type)).toEqual(['DiskFull']);
    expect(await send('')).toMatchObject({ status: 400, body: { message: 'there is no text' } });
    expect(letters).toEqual([expect.objectContaining({ source: 'ai', message: 'there is no text' })]);
  });

  it('a request is answered with 503 when parsing exceeds its time limit', async () => {
    const { post } = await open({ sources: [freeText] });
    const answer = await post('/ai/alert', 'forever', { headers: { 'content-type': 'text/plain' } });
    expect(answer).toMatchObject({ status: 503, body: { reason: 'NotStored' } });
  });
});
