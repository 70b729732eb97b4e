import type { KubeObject } from '../crds/object.ts';
import type { Source } from '../queue/enqueue/source.ts';
import type { ObjectKey } from '../queue/keys.ts';

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
    onChange: (listener) => {
      onChange(listener);
    },
    // The functions below are only ever given what `list` and `onChange` have yielded.
    keysOf: (object, deleted) => keysOf(object as T, deleted),
    recordKeysOf: (object, deleted) => recordKeysOf(object as T, deleted),
    resyncKeysOf: (object) => resyncKeysOf(object as T),
    settled: (object) => settled(object as T),
  };
}
