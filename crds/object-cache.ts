import type { KubeObject } from './object.ts';

/** A difference between an object and what a cache held before. */
export type ObjectChange<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'updated'; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly object: T };

/** Reads objects of one kind from memory. The objects are shared: never change them. */
export interface ObjectCache<T extends KubeObject> {
  /** @param namespace empty or undefined for cluster-scoped kinds */
  get(namespace: string | undefined, name: string): T | undefined;
  /** Returns the objects of one namespace or of all, in no particular order. */
  list(namespace?: string): readonly T[];
  /**
   * Returns the objects for which the indexer of that name gave that value.
   *
   * @throws Error when there is no such index
   */
  byIndex(index: string, value: string): readonly T[];
}

/** An object cache that also reports changes. */
export interface WatchedCache<T extends KubeObject> extends ObjectCache<T> {
  /** Calls the listener with each later change, until the returned function is called. */
  onChange(listener: (change: ObjectChange<T>) => void): () => void;
}
