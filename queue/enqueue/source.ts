import type { ObjectKey } from '../keys.ts';

/** The part of an object that the queue reads. */
export interface NamedObject {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}

/**
 * A stream of objects whose changes become keys. The queue never inspects an object: it only passes the objects of `list`
 * and `onChange` back to the other functions.
 */
export interface Source {
  /** Name for logs. */
  readonly kind: string;
  list(): readonly NamedObject[];
  /** Calls `listener` with each object that is added, changed or deleted; a deleted object in its last known form. */
  onChange(listener: (object: NamedObject, deleted?: boolean) => void): void;
  /** Returns the keys that a change of the object affects: usually its own and those of its dependents. */
  keysOf(object: NamedObject, deleted?: boolean): readonly ObjectKey[];
  /** Returns the keys for which a change of the object only has to be recorded; they have a low priority. */
  recordKeysOf(object: NamedObject, deleted?: boolean): readonly ObjectKey[];
  /** Returns the keys that a resync enqueues for the object. */
  resyncKeysOf(object: NamedObject): readonly ObjectKey[];
  /** Returns true when only a timer can cause the next change of the object; a resync of unsettled objects skips it. */
  settled(object: NamedObject): boolean;
}
