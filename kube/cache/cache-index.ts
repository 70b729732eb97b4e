import type { KubeObject } from '../../crds/object.ts';

/** The values under which an object is found. */
export type Indexer<T extends KubeObject> = (object: T) => readonly string[];

/** Finds objects by a value. */
export interface Index<T extends KubeObject> {
  set(key: string, object: T): void;
  delete(key: string): void;
  get(value: string): readonly T[];
}

export function createIndex<T extends KubeObject>(indexer: Indexer<T>): Index<T> {
  const byValue = new Map<string, Map<string, T>>();
  const valuesOf = new Map<string, readonly string[]>();

  const remove = (key: string): void => {
    for (const value of valuesOf.get(key) ?? []) {
      const objects = byValue.get(value);
      objects?.delete(key);
      if (objects?.size === 0) byValue.delete(value);
    }
    valuesOf.delete(key);
  };
  return {
    set: (key, object) => {
      remove(key);
      const values = indexer(object);
      if (values.length === 0) return;
      valuesOf.set(key, values);
      for (const value of values) {
        const objects = byValue.get(value);
        if (objects === undefined) byValue.set(value, new Map([[key, object]]));
        else objects.set(key, object);
      }
    },
    delete: remove,
    get: (value) => [...(byValue.get(value)?.values() ?? [])],
  };
}
