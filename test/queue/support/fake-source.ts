import type { KubeObject } from '../../../crds/object.ts';
import type { ObjectKey } from '../../../queue/keys.ts';
import type { NamedObject, Source } from '../../../queue/enqueue/source.ts';

/** A watched kind without a cluster. */
export interface FakeSource extends Source {
  /** As if the watch had brought it. */
  set(name: string, settled?: boolean): void;
}

interface Thing extends KubeObject {
  settled: boolean;
}

function keysOf({ metadata: { name } }: NamedObject): ObjectKey[] {
  return [{ kind: 'alert', namespace: 'monitoring', name }];
}

export function createFakeSource(): FakeSource {
  const objects = new Map<string, Thing>();
  const listeners: ((object: Thing) => void)[] = [];
  return {
    kind: 'Thing',
    list: () => [...objects.values()],
    onChange: (listener) => {
      listeners.push(listener);
    },
    keysOf,
    reasonOf: () => 'change',
    resyncKeysOf: keysOf,
    settled: (object) => (object as Thing).settled,
    set: (name, settled = false) => {
      const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'monitoring' }, settled };
      objects.set(name, object);
      for (const listener of listeners) listener(object);
    },
  };
}
