import { afterEach, describe, expect, it } from '@jest/globals';

import { json, raw, startFakeApi, status, step, type FakeApi, type Step } from '../../test/kube/fake-api.ts';
import { thing, things } from '../../test/kube/things.ts';
import { collectionPath, objectPath } from './paths.ts';
import { resources } from './resources.ts';
import { createRestClient } from './rest.ts';

const collection = '/apis/test.aegis.io/v1/namespaces/ns/things';
const key = { namespace: 'ns', name: 'a' };
const notFound = json(404, status(404, 'NotFound', 'gone', { name: 'a', kind: 'things' }));

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

async function start(...script: Step[]) {
  api = await startFakeApi(script);
  return resources(createRestClient(api.connection), things);
}

function sent() {
  return (api?.requests ?? []).map(({ method, query, headers, body }) => ({
    method,
    query,
    type: headers['content-type'],
    body: body === '' ? undefined : (JSON.parse(body) as unknown),
  }));
}

describe('a resource client', () => {
  it('a resource client gets and finds objects', async () => {
    const client = await start(
      step(`GET ${collection}/a`, json(200, thing('a'))),
      step(`GET ${collection}/a`, notFound),
      step(`GET ${collection}/a`, notFound),
      step(`GET ${collection}/a`, raw(404, '404 page not found')),
    );
    expect(await client.get(key)).toEqual(thing('a'));
    await expect(client.get(key)).rejects.toMatchObject({ status: 404 });
    expect(await client.find(key)).toBeUndefined();
    await expect(client.find(key)).rejects.toMatchObject({ retry: { kind: 'retryable' } });
  });

  it('a resource client passes headers and the impersonated user on with every request', async () => {
    const options = { headers: { 'x-request-id': '7' }, impersonate: { user: 'jane' } };
    const list = json(200, { metadata: { resourceVersion: '7' }, items: [] });
    const client = await start(
      step(`GET ${collection}/a`, json(200, thing('a'))),
      step('GET /apis/test.aegis.io/v1/things', list),
      step(`POST ${collection}`, json(201, thing('a'))),
      step(`PUT ${collection}/a`, json(200, thing('a'))),
      step(`PATCH ${collection}/a`, json(200, thing('a'))),
      step(`PATCH ${collection}/a/status`, json(200, thing('a'))),
      step(`DELETE ${collection}/a`, json(200, {})),
      step('GET /apis/test.aegis.io/v1/things?watch=true', raw(200, '')),
    );
    await client.get(key, options);
    await client.list(options);
    await client.create(thing('a'), options);
    await client.replace(thing('a'), options);
    await client.patch(key, {}, options);
    await client.applyStatus(thing('a'), { ...options, fieldManager: 'test' });
    await client.delete(key, options);
    for await (const event of client.watch({ ...options, resourceVersion: '7' })) expect(event).toBeUndefined();
    const seen = api?.requests.map(({ headers }) => [headers['x-request-id'], headers['impersonate-user']]);
    expect(seen).toEqual(Array.from({ length: 8 }, () => ['7', 'jane']));
  });

  it('a resource client lists in pages and fills in the type', async () => {
    const { apiVersion, kind, ...bare } = thing('a');
    const client = await start(
      step(
        'GET /apis/test.aegis.io/v1/things?limit=500&labelSelector=x%3Dy',
        json(200, { metadata: { resourceVersion: '7', continue: 'more' }, items: [bare] }),
      ),
      step(
        'GET /apis/test.aegis.io/v1/things?limit=500&labelSelector=x%3Dy&continue=more',
        json(200, { metadata: { resourceVersion: '7', continue: '' }, items: [thing('b')] }),
      ),
    );
    expect(await client.list({ labelSelector: 'x=y' })).toEqual({
      items: [{ ...bare, apiVersion, kind }, thing('b')],
      resourceVersion: '7',
    });
  });

  it('a resource client accepts an empty list without items', async () => {
    const client = await start(
      step(`GET ${collection}`, json(200, { metadata: { resourceVersion: '7' }, items: null })),
    );
    expect(await client.list({ namespace: 'ns' })).toEqual({ items: [], resourceVersion: '7' });
  });

  it('a resource client creates objects, also in a dry run', async () => {
    const client = await start(
      step(`POST ${collection}`, json(201, thing('a'))),
      step(`POST ${collection}?dryRun=All&fieldManager=me`, json(201, thing('a'))),
    );
    await client.create(thing('a'));
    await client.create(thing('a'), { dryRun: true, fieldManager: 'me' });
    expect(sent()[0]).toEqual({ method: 'POST', query: {}, type: 'application/json', body: thing('a') });
  });

  it('a resource client sends objects as merge patches and arrays as JSON patches', async () => {
    const client = await start(
      step(`PATCH ${collection}/a`, json(200, thing('a'))),
      step(`PATCH ${collection}/a/status`, json(200, thing('a'))),
    );
    await client.patch(key, { metadata: { labels: { x: null } } });
    await client.patch(key, [{ op: 'remove', path: '/status' }], { subresource: 'status' });
    expect(sent().map(({ type, body }) => [type, body])).toEqual([
      ['application/merge-patch+json', { metadata: { labels: { x: null } } }],
      ['application/json-patch+json', [{ op: 'remove', path: '/status' }]],
    ]);
  });

  it('a resource client applies with its field manager', async () => {
    const client = await start(
      step(`PATCH ${collection}/a?fieldManager=me&force=false`, json(200, thing('a'))),
      step(`PATCH ${collection}/a/status?fieldManager=me&force=true`, json(200, thing('a'))),
    );
    await client.apply({ metadata: key, spec: { value: 'x' } }, { fieldManager: 'me' });
    await client.applyStatus({ metadata: key, status: { phase: 'x' } }, { fieldManager: 'me', force: true });
    const typeMeta = { apiVersion: 'test.aegis.io/v1', kind: 'Thing' };
    expect(sent().map(({ type, body }) => [type, body])).toEqual([
      ['application/apply-patch+yaml', { ...typeMeta, metadata: key, spec: { value: 'x' } }],
      ['application/apply-patch+yaml', { ...typeMeta, metadata: key, status: { phase: 'x' } }],
    ]);
  });

  it('a resource client deletes with preconditions and returns whether the object existed', async () => {
    const client = await start(step(`DELETE ${collection}/a`, json(200, {})), step(`DELETE ${collection}/a`, notFound));
    expect(await client.delete(key, { uid: 'u', propagationPolicy: 'Background' })).toBe(true);
    expect(await client.delete(key)).toBe(false);
    expect(sent().map(({ body }) => body)).toEqual([
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u' }, propagationPolicy: 'Background' },
      { apiVersion: 'v1', kind: 'DeleteOptions' },
    ]);
  });
});

describe('paths', () => {
  const pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
  const nodes = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };

  it('paths follow group, scope and namespace', () => {
    expect(collectionPath(pods)).toBe('/api/v1/pods');
    expect(collectionPath(pods, 'ns')).toBe('/api/v1/namespaces/ns/pods');
    expect(objectPath(nodes, { name: 'n', namespace: 'ignored' })).toBe('/api/v1/nodes/n');
    expect(objectPath(things, key, 'status')).toBe(`${collection}/a/status`);
  });

  it('a name cannot leave its path', () => {
    expect(objectPath(nodes, { name: '../secrets/x?y' })).toBe('/api/v1/nodes/..%2Fsecrets%2Fx%3Fy');
  });

  it('a path of an object without a name is refused', () => {
    expect(() => objectPath(nodes, { name: '' })).toThrow('without name');
    expect(() => objectPath(pods, { name: 'p' })).toThrow('without name or namespace');
  });
});
