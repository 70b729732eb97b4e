import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { expectGolden } from '../../../test/aggregated/support/golden.ts';
import { sample } from '../../../test/aggregated/support/sample.ts';
import type { ApiResource } from '../../kubeapi/api.ts';
import { createDocuments } from './create-documents.ts';

const documents = createDocuments(sample);
const groupVersionPath = '/apis/subresources.aegis.io/v1alpha1';
const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const v2beta1 = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

/** As kubectl and kube-apiserver ask for discovery. */
const kubectl = `${v2};profile=nopeer,${v2},${v2beta1},application/json`;

function contentType(path: string, accept?: string): string | undefined {
  return documents(path, { accept })?.headers['content-type'];
}

function read(path: string, accept?: string): unknown {
  return JSON.parse(String(documents(path, { accept })?.body));
}

describe('the documents', () => {
  it.each([
    ['discovery-v2.json', '/apis', kubectl],
    ['discovery-v2beta1.json', '/apis', v2beta1],
    ['api-group-list.json', '/apis', 'application/json'],
    ['api-group.json', '/apis/subresources.aegis.io', undefined],
    ['api-resource-list.json', groupVersionPath, undefined],
    ['openapi-v2.json', '/openapi/v2', 'application/json'],
    ['openapi-v3-root.json', '/openapi/v3', undefined],
    ['openapi-v3.json', `/openapi/v3${groupVersionPath}`, 'application/json'],
  ])('the discovery and OpenAPI documents are as in %s', async (file, path, accept) => {
    await expectGolden(file, `${JSON.stringify(read(path, accept), null, 2)}\n`);
  });

  it('the documents have the same bytes each time they are computed', () => {
    const again = createDocuments(sample);
    for (const path of ['/apis', groupVersionPath, '/openapi/v2', '/openapi/v3', `/openapi/v3${groupVersionPath}`]) {
      expect(again(path, {})?.body).toEqual(documents(path, {})?.body);
    }
  });

  it.each([
    '/',
    '/api',
    '/apis/',
    '/apis/aegis.io',
    `${groupVersionPath}/`,
    '/openapi',
    '/openapi/v3/',
    '/openapi/v3/api/v1',
  ])('there is no document at %s', (path) => {
    expect(documents(path, {})).toBeUndefined();
  });
});

describe('the form of /apis', () => {
  it.each([
    [`${v2},${v2beta1}`, v2],
    [kubectl, v2],
    ['application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io', v2],
    [`application/json;q=0.8, ${v2};q=0.9`, v2],
    [v2beta1, v2beta1],
    [undefined, 'application/json'],
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    [`${v2};q=0.1, application/json`, 'application/json'],
    ['application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json', 'application/json'],
    [
      'application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList, */*',
      'application/json',
    ],
  ])('/apis for a client that accepts %s is %s', (accept, expected) => {
    expect(contentType('/apis', accept)).toBe(expected);
  });
});

describe('a client that accepts none of the forms', () => {
  it.each(['/apis', groupVersionPath, '/openapi/v2', '/openapi/v3', `/openapi/v3${groupVersionPath}`])(
    'a client that accepts none of the media types gets 406 and a Status at %s',
    (path) => {
      const { status, body } = documents(path, { accept: 'application/vnd.kubernetes.protobuf' })!;
      expect(status).toBe(406);
      expect(JSON.parse(String(body))).toMatchObject({ kind: 'Status', reason: 'NotAcceptable', code: 406 });
    },
  );

  it('a client gets OpenAPI as JSON when that is its second choice', () => {
    const accept = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf, application/json;q=0.5';
    expect(documents('/openapi/v2', { accept })?.status).toBe(200);
  });
});

describe('a client that has the document already', () => {
  it.each([
    ['/apis', v2],
    ['/openapi/v2', 'application/json'],
    ['/openapi/v3', undefined],
    [`/openapi/v3${groupVersionPath}`, undefined],
  ])('a client with the current ETag gets 304 at %s', (path, accept) => {
    const { headers } = documents(path, { accept })!;
    const etag = headers['etag'];
    expect(etag).toMatch(/^"[0-9A-F]+"$/);
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      expect(documents(path, { accept, 'if-none-match': known })).toMatchObject({ status: 304, body: '' });
    }
    expect(documents(path, { accept, 'if-none-match': '"other"' })?.status).toBe(200);
  });

  it('the group version is never answered with 304, which kube-apiserver takes for a failure', () => {
    const answer = documents(groupVersionPath, { 'if-none-match': '*' });
    expect(answer?.status).toBe(200);
    expect(answer?.headers).not.toHaveProperty('etag');
  });

  it('a client with the ETag of another form gets the document', () => {
    const etag = documents('/apis', { accept: v2 })?.headers['etag'];
    expect(documents('/apis', { accept: 'application/json', 'if-none-match': etag })?.status).toBe(200);
  });
});

describe('a table that contradicts itself', () => {
  it('a table in which a kind has two schemas is refused', () => {
    const [alerts] = sample;
    const [inspect] = alerts!.subresources;
    const other = { ...inspect!.get!, response: z.object({ other: z.string() }) };
    const wrong: ApiResource = { ...alerts!, subresources: [inspect!, { ...inspect!, name: 'again', get: other }] };
    expect(() => createDocuments([wrong])).toThrow('two schemas for the kind AlertInspection');
  });
});
