import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asUser } from '../../../test/aggregated/support/client.ts';
import { openApi, type Api } from '../../../test/aggregated/support/in-process.ts';
import { sendRaw } from '../../../test/aggregated/support/raw.ts';
import { maxBody } from './body.ts';

const base = '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts';
const alice = asUser('alice', 'ops');

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

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
  ])('a request is answered with a Status when %s', async (_, sent, code, reason) => {
    const answer = await api.send({ headers: alice, ...sent });
    expect(answer.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
    expect(answer).toMatchObject({
      status: code,
      headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    });
    expect(answer.headers['audit-id']).toBeDefined();
    expect(answer.headers.location).toBeUndefined();
  });

  it('a 405 names the allowed methods', async () => {
    const allowed = async (method: string, path: string) =>
      (await api.send({ method, path, headers: alice })).headers.allow;
    expect(await allowed('PUT', `${base}/x/trigger`)).toBe('GET, HEAD, POST');
    expect(await allowed('POST', `${base}/x/inspect`)).toBe('GET, HEAD');
    expect(await allowed('GET', `${base}/x/resolve`)).toBe('POST');
    expect(await allowed('GET', base)).toBe('');
    expect(await allowed('POST', '/apis')).toBe('GET, HEAD');
  });

  it('a 500 reveals no details, which are in one line of the log', async () => {
    api.lines.length = 0;
    const answer = await api.send({ path: `${base}/x/broken`, headers: alice });
    expect(answer.text).not.toContain('secret');
    expect(answer.text).toContain(answer.headers['audit-id']);
    const errors = api.lines.filter(({ msg }) => msg === 'Request failed');
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain('secret inside');
  });

  it('invalid HTTP, oversized headers and CONNECT are answered with a Status', async () => {
    expect(await sendRaw(api, 'NONSENSE', [], '')).toMatchObject({ status: 400, json: { kind: 'Status', code: 400 } });
    const huge = ['X-Remote-Extra-a', 'x'.repeat(1_100_000)];
    expect(await sendRaw(api, `GET ${base}/x/inspect HTTP/1.1`, huge, '')).toMatchObject({
      status: 431,
      json: { kind: 'Status', code: 431 },
    });
    expect(await sendRaw(api, 'CONNECT host:1 HTTP/1.1', [], '')).toMatchObject({
      status: 405,
      json: { kind: 'Status' },
    });
    expect(await sendRaw(api, 'GET /healthz HTTP/1.1', [], '')).toMatchObject({ status: 200, text: 'ok' });
  });
});
