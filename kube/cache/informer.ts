import type { KubeObject } from '../../crds/object.ts';
import type { Indexer } from './cache-index.ts';
import type { ObjectChange, WatchedCache } from '../../crds/object-cache.ts';
import { createCache } from './cache.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import type { Selection } from '../client/list.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeMetrics } from '../metrics.ts';
import { reflect } from './reflector.ts';
import type { ResourceClient } from '../client/resources.ts';

/** Is called with each change; must be quick. An exception is logged and counted. */
export type ChangeHandler<T extends KubeObject> = (change: ObjectChange<T>) => void;

/** A cache of one kind that is kept current by a watch. */
export interface Informer<T extends KubeObject> extends WatchedCache<T> {
  /** Lists and watches until the signal is aborted; resolves then, never rejects. Call it once. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when the first list is in the cache and its handlers are called; rejects if stopped before. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /**
   * Calls the handler from now on; handlers that are added before the start receive every change. Returns a function
   * that removes the handler.
   */
  onChange(handler: ChangeHandler<T>): () => void;
  /**
   * When the loop last did something, in milliseconds of the monotonic clock. While it works this is never longer ago
   * than three minutes, whether or not the API server is there: older means that the loop is stuck.
   */
  lastActivity(): number;
  /**
   * When the API server said something the last time, by this machine's clock: an object of the cache is as it was then.
   * While a watch works this is about a minute ago at most, because a quiet one gets bookmarks. Undefined before the
   * first word.
   */
  lastHeard(): Date | undefined;
}

export interface InformerOptions<T extends KubeObject> extends Selection {
  readonly logger: Logger;
  readonly metrics?: KubeMetrics | undefined;
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
  /** Makes objects smaller before they are kept. Default: {@link withoutManagedFields}. */
  readonly transform?: (object: T) => T;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  /** See `watch`. */
  readonly idleTimeoutMs?: number;
}

/** Drops `metadata.managedFields`, which no code reads and which is often larger than the rest. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  delete (object.metadata as { managedFields?: unknown }).managedFields;
  return object;
}

export function createInformer<T extends KubeObject>(
  client: Pick<ResourceClient<T>, 'type' | 'listPages' | 'watch'>,
  options: InformerOptions<T>,
): Informer<T> {
  const { logger, metrics, clock = systemClock(), indexers = {}, transform = withoutManagedFields } = options;
  const resource = client.type.plural;
  const handlers = new Set<ChangeHandler<T>>();
  const { promise: synced, resolve: onSynced, reject: onStopped } = Promise.withResolvers<undefined>();
  // Callers that do not wait for it need not handle its rejection.
  synced.catch(() => undefined);
  let hasSynced = false;
  let lastActivity = clock.monotonicMs();
  let lastHeard: Date | undefined;

  const guard = <R>(what: string, fallback: R, run: () => R): R => {
    try {
      return run();
    } catch (error) {
      metrics?.handlerErrors.inc({ resource });
      logger.error({ err: error, resource, what }, 'Handler of a cache failed');
      return fallback;
    }
  };
  const guarded = ([name, indexer]: [string, Indexer<T>]): [string, Indexer<T>] => [
    name,
    (object) => guard(name, [], () => indexer(object)),
  ];
  const cache = createCache<T>(Object.fromEntries(Object.entries(indexers).map(guarded)));

  const announce = (changes: readonly ObjectChange<T>[]): void => {
    metrics?.cacheObjects.set({ resource }, cache.size);
    for (const change of changes) {
      for (const handler of handlers) {
        guard(change.type, undefined, () => {
          handler(change);
        });
      }
    }
  };
  const sink = {
    replace: (objects: T[]) => {
      announce(cache.replace(objects));
      hasSynced = true;
      onSynced(undefined);
    },
    apply: ({ type, object }: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }) => {
      announce(type === 'DELETED' ? cache.remove(object) : cache.put(object));
    },
    onActivity: (heard: boolean) => {
      lastActivity = clock.monotonicMs();
      if (!heard) return;
      lastHeard = clock.now();
      metrics?.cacheLastEvent.set({ resource }, lastHeard.getTime() / 1_000);
    },
  };

  return {
    get: (namespace, name) => cache.get(namespace, name),
    list: (namespace) => cache.list(namespace),
    byIndex: (index, value) => cache.byIndex(index, value),
    start: async (signal) => {
      const { namespace, labelSelector, fieldSelector, random = Math.random, idleTimeoutMs } = options;
      const selection = { namespace, labelSelector, fieldSelector };
      const limits = idleTimeoutMs === undefined ? {} : { idleTimeoutMs };
      await reflect({ client, selection, sink, transform, clock, logger, metrics, random, ...limits }, signal);
      onStopped(signal.reason);
    },
    synced,
    hasSynced: () => hasSynced,
    onChange: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    lastActivity: () => lastActivity,
    lastHeard: () => lastHeard,
  };
}
