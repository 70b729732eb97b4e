import type { KubeObject } from '../../crds/object.ts';
import type { ObjectCache, ObjectChange } from '../../crds/object-cache.ts';
import { createIndex, type Index, type Indexer } from './cache-index.ts';

/** A cache that is written as well; each write answers what it changed, in order. */
export interface WritableCache<T extends KubeObject> extends ObjectCache<T> {
  readonly size: number;
  put(object: T): ObjectChange<T>[];
  remove(object: T): ObjectChange<T>[];
  /** Objects that are not among these are gone. */
  replace(objects: readonly T[]): ObjectChange<T>[];
}

export function createCache<T extends KubeObject>(
  indexers: Readonly<Record<string, Indexer<T>>> = {},
): WritableCache<T> {
  const objects = new Map<string, T>();
  const indexes = new Map<string, Index<T>>();
  for (const [name, indexer] of Object.entries(indexers)) indexes.set(name, createIndex(indexer));

  const store = (key: string, object: T): void => {
    objects.set(key, object);
    for (const index of indexes.values()) index.set(key, object);
  };
  const drop = (key: string): ObjectChange<T>[] => {
    const object = objects.get(key);
    if (object === undefined) return [];
    objects.delete(key);
    for (const index of indexes.values()) index.delete(key);
    return [{ type: 'deleted', object }];
  };
  const put = (object: T): ObjectChange<T>[] => {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = objects.get(key);
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) {
      // Deleted and made again while we were not looking: not the same object.
      const gone = drop(key);
      store(key, object);
      return [...gone, { type: 'added', object }];
    }
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion && previous !== undefined) return [];
    store(key, object);
    return previous === undefined ? [{ type: 'added', object }] : [{ type: 'updated', object, previous }];
  };

  return {
    get size() {
      return objects.size;
    },
    get: (namespace, name) => objects.get(keyOf(namespace, name)),
    list: (namespace) => {
      const all = [...objects.values()];
      return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
    },
    byIndex: (name, value) => {
      const index = indexes.get(name);
      if (index === undefined) throw new Error(`no index is named ${name}`);
      return index.get(value);
    },
    put,
    remove: ({ metadata }) => drop(keyOf(metadata.namespace, metadata.name)),
    replace: (next) => {
      const kept = new Set(next.map(({ metadata }) => keyOf(metadata.namespace, metadata.name)));
      const gone = [...objects.keys()].filter((key) => !kept.has(key));
      return [...gone.flatMap(drop), ...next.flatMap(put)];
    },
  };
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
