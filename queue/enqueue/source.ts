import type { EnqueueReason } from '../jobs/priority.ts';
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
  /** Kind of the objects, for logs. */
  readonly kind: string;
  /** Returns the objects that a resync covers. */
  list(): readonly NamedObject[];
  /** Calls `listener` with each object that is added, changed or deleted; a deleted object in its last known form. */
  onChange(listener: (object: NamedObject, deleted?: boolean) => void): void;
  /** Returns the keys that a change of the object affects. */
  keysOf(object: NamedObject, deleted?: boolean): readonly ObjectKey[];
  /** Returns how urgent the runs of those keys are. */
  reasonOf(object: NamedObject): EnqueueReason;
  /** Returns the keys that a resync enqueues for the object. */
  resyncKeysOf(object: NamedObject): readonly ObjectKey[];
  /** Returns true when nothing but a timer or another object brings the object forward. */
  settled(object: NamedObject): boolean;
}
