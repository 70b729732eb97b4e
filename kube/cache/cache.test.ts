import { describe, expect, it } from '@jest/globals';

import { createCache } from './cache.ts';
import { thing, type Thing } from '../../test/kube/things.ts';

const byValue = { byValue: (object: Thing) => (object.spec === undefined ? [] : object.spec.value.split(',')) };

function valued(name: string, value: string, resourceVersion = '1'): Thing {
  return thing(name, resourceVersion, { spec: { value } });
}

describe('the cache', () => {
  it('answers what a write changed', () => {
    const cache = createCache<Thing>();
    const [first, second] = [thing('a', '1'), thing('a', '2')];
    expect(cache.put(first)).toEqual([{ type: 'added', object: first }]);
    expect(cache.put(second)).toEqual([{ type: 'updated', object: second, previous: first }]);
    expect(cache.put(thing('a', '2'))).toEqual([]);
    expect(cache.get('ns', 'a')).toBe(second);
    expect(cache.remove(thing('a', '3'))).toEqual([{ type: 'deleted', object: second }]);
    expect(cache.remove(thing('a', '3'))).toEqual([]);
    expect(cache.size).toBe(0);
  });

  it('tells an object from its namesake that was made after it', () => {
    const cache = createCache<Thing>();
    const before = thing('a', '1');
    const after = { ...thing('a', '9'), metadata: { ...thing('a', '9').metadata, uid: 'another' } };
    cache.put(before);
    expect(cache.put(after)).toEqual([
      { type: 'deleted', object: before },
      { type: 'added', object: after },
    ]);
  });

  it('takes a list for the truth: gone, changed and new objects, nothing for the others', () => {
    const cache = createCache<Thing>();
    cache.replace([thing('same', '1'), thing('changed', '1'), thing('gone', '1')]);
    const changes = cache.replace([thing('same', '1'), thing('changed', '2'), thing('new', '3')]);
    expect(changes.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'deleted gone',
      'updated changed',
      'added new',
    ]);
  });

  it('keeps namesakes of other namespaces apart and finds cluster-scoped objects', () => {
    const cache = createCache<Thing>();
    const elsewhere = { ...thing('a'), metadata: { name: 'a', namespace: 'other', uid: 'u2', resourceVersion: '1' } };
    const clusterScoped = { ...thing('a'), metadata: { name: 'a', uid: 'u3', resourceVersion: '1' } };
    cache.replace([thing('a'), elsewhere, clusterScoped]);
    expect(cache.list('other')).toEqual([elsewhere]);
    expect(cache.list()).toHaveLength(3);
    expect(cache.get(undefined, 'a')).toBe(clusterScoped);
    expect(cache.get('', 'a')).toBe(clusterScoped);
  });

  it('keeps its indexes true through changes and deletions', () => {
    const cache = createCache<Thing>(byValue);
    const names = (value: string) => cache.byIndex('byValue', value).map(({ metadata }) => metadata.name);
    cache.replace([valued('a', 'x,y'), valued('b', 'y'), thing('none')]);
    expect([names('x'), names('y'), names('z')]).toEqual([['a'], ['a', 'b'], []]);
    cache.put(valued('a', 'z', '2'));
    expect([names('x'), names('y'), names('z')]).toEqual([[], ['b'], ['a']]);
    cache.replace([]);
    expect([names('y'), names('z')]).toEqual([[], []]);
    expect(() => cache.byIndex('byColour', 'x')).toThrow('no index is named byColour');
  });
});
