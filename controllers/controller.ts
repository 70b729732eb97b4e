import type { KubeObject, ResourceType } from '../crds/object.ts';
import type { WatchedCache } from '../crds/object-cache.ts';
import type { EventRecorder } from '../kube/events/recorder.ts';
import type { RestClient } from '../kube/client/rest.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { PeriodicOptions } from '../lib/periodic.ts';
import type { Reconcile } from '../queue/keys.ts';
import type { WatchedCaches } from './caches.ts';
import type { DomainMetrics } from './metrics.ts';
import type { ControllerConfig } from './settings.ts';
import type { SharedState } from './shared-state.ts';
import type { Watch } from './watch.ts';

/** One line of the registry: a controller by its name. */
export interface Registration {
  /** Kind of its keys, name of its queue and value of the label `controller` of metrics; lower case. */
  readonly name: string;
  readonly create: (context: ControllerContext) => Controller;
}

/** The watches of a controller and its reconcile function. */
export interface Controller {
  readonly watches: readonly Watch[];
  /**
   * Reads one object, decides and acts; repeatable at any point. The signal ends every request that the run makes
   * through {@link ControllerContext.rest} and its clock, without being passed on.
   */
  readonly reconcile: Reconcile;
  /** Keys that one process works on at once. Default: `--concurrency`. */
  readonly concurrency?: number;
  /** Milliseconds after which a run is aborted. Default: `--reconcile-timeout`. */
  readonly deadlineMs?: number;
  /** Work that the leader repeats. */
  readonly sweeps?: readonly Task[];
  /** Work that each process repeats, and does once more when it stops. */
  readonly flushes?: readonly Task[];
}

/** Periodic work of a controller. */
export type Task = Pick<PeriodicOptions, 'name' | 'periodMs'> & { work: () => Promise<void> };

/** The arguments of every controller. */
export interface ControllerContext {
  readonly config: ControllerConfig;
  /** Ends a request when the run that makes it has to stop. */
  readonly rest: RestClient;
  /** Namespace of the release. */
  readonly namespace: string;
  readonly caches: WatchedCaches;
  /** Returns the cache of any other kind, which is watched from then on. */
  readonly cacheOf: <T extends KubeObject>(type: ResourceType<T>) => WatchedCache<T>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: DomainMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly shared: SharedState;
}
