import type { KubeObject } from '../crds/object.ts';
import type { ObjectKey } from '../queue/keys.ts';

/** A watched kind as the enqueue loop sees it. */
export interface Source {
  /** For logs. */
  readonly kind: string;
  list(): readonly KubeObject[];
  /** Calls `listener` for each object that was added, changed or deleted (with its last known form). */
  onChange(listener: (object: KubeObject, deleted?: boolean) => void): void;
  /** The keys that a change of the object concerns: usually its own, and those of the objects that depend on it. */
  keysOf(object: KubeObject, deleted?: boolean): readonly ObjectKey[];
  /** The keys for which a change of the object means no more than that something is to be written down. */
  recordKeysOf(object: KubeObject, deleted?: boolean): readonly ObjectKey[];
  /** The keys that a resync enqueues for the object: all those, unless the objects that depend on it have sources too. */
  resyncKeysOf(object: KubeObject): readonly ObjectKey[];
  /** Whether nothing remains to be done about the object but what a timer will start. */
  settled(object: KubeObject): boolean;
}

/** Everything that is known of one kind: how its objects are typed is the source's own affair. */
export function source<T extends KubeObject>(options: {
  kind: string;
  list: () => readonly T[];
  onChange: (listener: (object: T, deleted?: boolean) => void) => void;
  keysOf: (object: T, deleted?: boolean) => readonly ObjectKey[];
  recordKeysOf?: (object: T, deleted?: boolean) => readonly ObjectKey[];
  resyncKeysOf?: (object: T) => readonly ObjectKey[];
  settled: (object: T) => boolean;
}): Source {
  const { kind, list, onChange, keysOf, recordKeysOf = () => [], settled } = options;
  const { resyncKeysOf = (object: T) => [...keysOf(object), ...recordKeysOf(object)] } = options;
  return {
    kind,
    list,
    onChange,
    // The functions below are only ever given what `list` and `onChange` have yielded.
    keysOf: (object, deleted) => keysOf(object as T, deleted),
    recordKeysOf: (object, deleted) => recordKeysOf(object as T, deleted),
    resyncKeysOf: (object) => resyncKeysOf(object as T),
    settled: (object) => settled(object as T),
  };
}
