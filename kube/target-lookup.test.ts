import { describe, expect, it } from '@jest/globals';
import type { RestClient, RestRequest } from './rest.ts';
import { targetLookup } from './target-lookup.ts';

/** An API server that knows every object, and what it was asked for. */
function fakeRest() {
  const asked: string[] = [];
  const request = ({ path }: RestRequest) => {
    asked.push(path);
    return Promise.resolve({ metadata: { name: 'x', uid: 'from-the-api-server' } });
  };
  return { rest: { request } as unknown as RestClient, asked };
}

const dev1 = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'dev1', uid: 'from-the-cache' } };
const knownNodes = { get: (_: undefined, name: string) => (name === 'dev1' ? dev1 : undefined) };

describe('the uid of what an alert speaks of', () => {
  it('is that of the cached node, and nobody is asked', async () => {
    const { rest, asked } = fakeRest();
    const uidOf = targetLookup(rest, knownNodes);
    expect(await uidOf({ kind: 'Node', name: 'dev1' })).toBe('from-the-cache');
    expect(await uidOf({ kind: 'node', name: 'nowhere' })).toBe('');
    expect(asked).toEqual([]);
  });

  it('is asked for where there is no cache', async () => {
    const { rest, asked } = fakeRest();
    expect(await targetLookup(rest)({ kind: 'Node', name: 'dev1' })).toBe('from-the-api-server');
    expect(await targetLookup(rest, knownNodes)({ kind: 'Pod', name: 'p', namespace: 'n' })).toBe(
      'from-the-api-server',
    );
    expect(asked).toEqual(['/api/v1/nodes/dev1', '/api/v1/namespaces/n/pods/p']);
  });

  it('is empty, and nobody is asked, for a kind that is unknown and a name that cannot be one', async () => {
    const { rest, asked } = fakeRest();
    const uidOf = targetLookup(rest);
    expect(await uidOf({ kind: 'Toaster', name: 'x' })).toBe('');
    expect(await uidOf({ kind: 'Pod', name: '../secrets', namespace: 'n' })).toBe('');
    expect(await uidOf({ kind: 'Pod', name: 'p' })).toBe('');
    expect(asked).toEqual([]);
  });
});
