import { describe, expect, it } from '@jest/globals';
import type { RestClient, RestRequest } from './client/rest.ts';
import { ApiError } from './client/api-error.ts';
import { objectLookup, objectSearch } from './object-lookup.ts';

/** An API server that knows every object, and what it was asked for. */
function fakeRest() {
  const asked: string[] = [];
  const request = ({ path }: RestRequest) => {
    asked.push(path);
    return Promise.resolve({ metadata: { name: 'x', uid: 'from-the-api-server' }, spec: { nodeName: 'dev2' } });
  };
  return { rest: { request } as unknown as RestClient, asked };
}

const dev1 = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'dev1', uid: 'from-the-cache' } };
const knownNodes = { get: (_: undefined, name: string) => (name === 'dev1' ? dev1 : undefined) };

describe('the lookup of the object that an alert names', () => {
  it('a node is looked up in the cache without a request', async () => {
    const { rest, asked } = fakeRest();
    const lookUp = objectLookup(rest, knownNodes);
    expect(await lookUp({ kind: 'Node', name: 'dev1' })).toEqual({ uid: 'from-the-cache' });
    expect(await lookUp({ kind: 'node', name: 'nowhere' })).toEqual({ uid: '' });
    expect(asked).toEqual([]);
  });

  it('the lookup recognises a control plane node, and a pod on one', async () => {
    const labels = { 'node-role.kubernetes.io/control-plane': '' };
    const known = { get: () => ({ ...dev1, metadata: { ...dev1.metadata, labels } }) };
    const lookUp = objectLookup(fakeRest().rest, known);
    expect(await lookUp({ kind: 'Node', name: 'dev1' })).toEqual({ uid: 'from-the-cache', controlPlane: true });
    expect(await lookUp({ kind: 'Pod', name: 'p', namespace: 'n' })).toEqual({
      ...{ uid: 'from-the-api-server', node: 'dev2', controlPlane: true },
    });
  });

  it('an object without a cache is requested, a pod together with its node', async () => {
    const { rest, asked } = fakeRest();
    expect(await objectLookup(rest)({ kind: 'Node', name: 'dev1' })).toEqual({ uid: 'from-the-api-server' });
    const pod = { kind: 'Pod', name: 'p', namespace: 'n' };
    expect(await objectLookup(rest, knownNodes)(pod)).toEqual({ uid: 'from-the-api-server', node: 'dev2' });
    expect(asked).toEqual(['/api/v1/nodes/dev1', '/api/v1/namespaces/n/pods/p']);
  });

  it('an unsupported kind or an invalid name is not requested', async () => {
    const { rest, asked } = fakeRest();
    const lookUp = objectLookup(rest);
    expect(await lookUp({ kind: 'Toaster', name: 'x' })).toEqual({ uid: '' });
    expect(await lookUp({ kind: 'Pod', name: '../secrets', namespace: 'n' })).toEqual({ uid: '' });
    expect(await lookUp({ kind: 'Pod', name: 'p' })).toEqual({ uid: '' });
    expect(asked).toEqual([]);
  });

  it('the search distinguishes missing objects, refused access and temporary errors', async () => {
    const answering = (reason: string, status: number, kind: 'terminal' | 'retryable') => {
      const error = new ApiError({ reason, status, message: reason, retry: { kind } });
      return objectSearch({ request: () => Promise.reject(error) } as unknown as RestClient);
    };
    const pod = { kind: 'Pod', name: 'p', namespace: 'n' };
    expect(await answering('NotFound', 404, 'terminal')(pod)).toEqual({ outcome: 'gone' });
    expect(await answering('Forbidden', 403, 'terminal')(pod)).toEqual({ outcome: 'unknown' });
    await expect(answering('NoAnswer', 0, 'retryable')(pod)).rejects.toThrow('NoAnswer');
    expect(await objectSearch(fakeRest().rest)({ kind: 'Toaster', name: 'x' })).toEqual({ outcome: 'unknown' });
  });
});
