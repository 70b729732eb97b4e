import type { KubeObject } from '../crds/object.ts';
import type { ObjectChange, WatchedCache } from '../crds/object-cache.ts';
import type { Source } from '../queue/enqueue/source.ts';
import type { EnqueueReason } from '../queue/jobs/priority.ts';

/** An object by its name. */
export type ObjectName = Pick<KubeObject['metadata'], 'namespace' | 'name'>;

/** A kind that a controller watches, with the mapping from its objects to the controller's own. */
export interface Watch {
  /** Returns the watch as the enqueue loop takes it, with keys of the controller of that name. */
  source(controller: string): Source;
}

export interface WatchOptions<T extends KubeObject> {
  /** Kind of the watched objects, for logs. */
  readonly kind: string;
  /** Selects the changes that can call for a run. Default: all. */
  readonly when?: (change: ObjectChange<T>) => boolean;
  /** Maps a changed object to the objects to reconcile. */
  readonly map: (object: T, deleted: boolean) => readonly ObjectName[];
  /** How urgent those runs are. Default: a change that may call for an action. */
  readonly reason?: (object: T) => EnqueueReason;
  /**
   * Maps an object to those that a resync enqueues for it; absent for objects whose resync is another watch's matter.
   * A resync leaves out what is settled: brought forward by nothing but a timer or another object.
   */
  readonly resync?: { readonly map: (object: T) => readonly ObjectName[]; readonly settled: (object: T) => boolean };
}

/** Watches one kind for a controller. */
export function watch<T extends KubeObject>(cache: WatchedCache<T>, options: WatchOptions<T>): Watch {
  const { kind, when = () => true, map, reason = () => 'change' as const, resync } = options;
  return {
    source: (controller) => {
      const keys = (names: readonly ObjectName[]) =>
        names.map(({ namespace = '', name }) => ({ kind: controller, namespace, name }));
      return {
        kind,
        list: () => (resync === undefined ? [] : cache.list()),
        onChange: (listener) => {
          cache.onChange((change) => {
            if (when(change)) listener(change.object, change.type === 'deleted');
          });
        },
        // The functions below are only given what `list` and `onChange` have yielded.
        keysOf: (object, deleted = false) => keys(map(object as T, deleted)),
        reasonOf: (object) => reason(object as T),
        resyncKeysOf: (object) => keys(resync?.map(object as T) ?? []),
        settled: (object) => resync?.settled(object as T) ?? true,
      };
    },
  };
}

/** Maps an object to itself. */
export function itself({ metadata }: KubeObject): readonly ObjectName[] {
  return [metadata];
}
