import type { KubeObject } from '../../../crds/object.ts';
import { source } from '../../../controllers/watch.ts';
import type { Source } from '../../../queue/enqueue/source.ts';

/** A watched kind without a cluster. */
export interface FakeSource extends Source {
  /** As if the watch had brought it. */
  set(name: string, settled?: boolean): void;
}

interface Thing extends KubeObject {
  settled: boolean;
}

export function createFakeSource(): FakeSource {
  const objects = new Map<string, Thing>();
  const listeners: ((object: Thing) => void)[] = [];
  return {
    ...source<Thing>({
      kind: 'Thing',
      list: () => [...objects.values()],
      onChange: (listener) => {
        listeners.push(listener);
      },
      keysOf: ({ metadata: { name } }) => [{ kind: 'alert', namespace: 'monitoring', name }],
      settled: (object) => object.settled,
    }),
    set: (name, settled = false) => {
      const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'monitoring' }, settled };
      objects.set(name, object);
      for (const listener of listeners) listener(object);
    },
  };
}
