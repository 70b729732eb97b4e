import type { Check } from '../../process/checks.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { formatKey, type ObjectKey } from '../keys.ts';
import type { QueueMetrics } from '../metrics.ts';
import { createPendingKeys } from './pending-keys.ts';
import type { Producer } from '../jobs/producer.ts';
import type { RecentKeys } from '../jobs/recent-keys.ts';
import type { RedisWatch } from '../connection/redis-watch.ts';
import { enqueueAtPace } from './resync-pace.ts';
import type { NamedObject, Source } from './source.ts';
import { createStaleKeys } from './stale-keys.ts';
import { throttle } from '../../lib/throttle.ts';
import type { EnqueueReason } from '../jobs/priority.ts';

/** unsettled: what still has a way to go; full: everything, because timers in Redis may be gone. */
export type ResyncScope = 'unsettled' | 'full';

/** The way from watches to the queue. The leader enqueues every change; the others repeat what they may have misread. */
export interface EnqueueLoop {
  /** To be called each second; never rejects. Starts a resync when one is due, and does not wait for it. */
  tick(): Promise<void>;
  /** To be called when this process begins to lead. */
  startLeading(): void;
  stopLeading(): void;
  /** Fails when `tick` has not come to an end for a while. */
  readonly check: Check;
}

export interface EnqueueLoopOptions {
  readonly sources: readonly Source[];
  readonly producer: Pick<Producer, 'enqueue' | 'depth'>;
  readonly recent: RecentKeys;
  readonly redis: RedisWatch;
  readonly resyncIntervalMs: number;
  readonly metrics: QueueMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A tick waits for one command of Redis at most, which gives up after five seconds. */
const tickLimitMs = 15_000;

/** Subscribes to all sources at once; events of the time before `startLeading` are covered by the resync it causes. */
export function createEnqueueLoop(options: EnqueueLoopOptions): EnqueueLoop {
  const { sources, producer, recent, redis, metrics, logger, clock } = options;
  let leading = false;
  let needed: ResyncScope | undefined;
  let resyncing = false;
  let lastTick = clock.monotonicMs();
  let nextResync = Number.POSITIVE_INFINITY;

  const warn = throttle<{ err: unknown; message: string; scope?: ResyncScope }>(
    5_000,
    clock,
    ({ message, ...fields }, skipped) => {
      logger.warn({ ...fields, skipped }, message);
    },
  );
  const pending = createPendingKeys(
    (keys, reason) => producer.enqueue(keys, reason),
    (error) => {
      metrics.enqueueFailures.inc();
      needed = 'full';
      warn({ err: error, message: 'Failed to enqueue changes, a resync will follow' });
    },
  );

  const stale = createStaleKeys(recent, clock, (key) => {
    if (!leading) pending.add(key, 'stale');
  });

  for (const source of sources) {
    source.onChange((object, deleted) => {
      noteChange(source, object, deleted === true);
    });
  }

  function noteChange(source: Source, object: NamedObject, deleted: boolean): void {
    try {
      noteKeys(source.keysOf(object, deleted), source.reasonOf(object));
    } catch (error) {
      const { namespace, name } = object.metadata;
      logger.error({ err: error, kind: source.kind, namespace, name }, 'Could not map a watch event to keys');
    }
  }

  function noteKeys(keys: readonly ObjectKey[], reason: EnqueueReason): void {
    for (const key of keys) {
      if (leading) pending.add(key, reason);
      else stale.noteChange(key);
    }
  }

  function scheduleResync(): void {
    // Jitter keeps the leaders of several clusters, and the ticks of other loops, from beating in time.
    nextResync = clock.monotonicMs() + options.resyncIntervalMs * (0.9 + Math.random() * 0.2);
  }

  function dueScope(): ResyncScope | undefined {
    if (redis.suspicion() !== undefined) return 'full';
    return needed ?? (clock.monotonicMs() >= nextResync ? 'unsettled' : undefined);
  }

  async function resync(scope: ResyncScope): Promise<void> {
    const why = redis.suspicion();
    const finish = scope === 'full' ? await redis.beginFullResync() : undefined;
    needed = undefined;
    const keys = collect(sources, scope);
    if (!(await enqueueAtPace(producer, keys, () => leading))) return;
    if (finish !== undefined && !(await finish())) throw new Error('Redis was wiped during the resync');
    metrics.resyncs.inc({ scope });
    metrics.lastResync.set({ scope }, clock.now().getTime() / 1_000);
    logger[scope === 'full' ? 'info' : 'debug']({ scope, why, keys: keys.length }, 'Resynced');
    scheduleResync();
  }

  function resyncInBackground(scope: ResyncScope): void {
    resyncing = true;
    resync(scope)
      .catch((error: unknown) => {
        needed = scope;
        warn({ err: error, scope, message: 'Resync failed, trying again' });
      })
      .finally(() => {
        resyncing = false;
      });
  }

  async function tick(): Promise<void> {
    await redis.tick();
    lastTick = clock.monotonicMs();
    const scope = leading && !resyncing && redis.answers() ? dueScope() : undefined;
    if (scope !== undefined) resyncInBackground(scope);
  }

  return {
    tick,
    startLeading: () => {
      leading = true;
      needed ??= 'unsettled';
      scheduleResync();
      void tick();
    },
    stopLeading: () => {
      leading = false;
      pending.clear();
    },
    check: {
      name: 'enqueue-loop',
      check: () => {
        const sinceMs = clock.monotonicMs() - lastTick;
        if (sinceMs > tickLimitMs) throw new Error(`no tick for ${Math.round(sinceMs / 1_000)} s`);
        return undefined;
      },
    },
  };
}

function collect(sources: readonly Source[], scope: ResyncScope): ObjectKey[] {
  const keys = new Map<string, ObjectKey>();
  for (const source of sources) {
    for (const object of source.list()) {
      if (scope === 'unsettled' && source.settled(object)) continue;
      for (const key of source.resyncKeysOf(object)) keys.set(formatKey(key), key);
    }
  }
  return [...keys.values()];
}
