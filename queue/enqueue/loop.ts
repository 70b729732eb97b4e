import type { Check } from '../../process/checks.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { throttle } from '../../lib/throttle.ts';
import type { RedisWatch } from '../connection/redis-watch.ts';
import type { Producer } from '../jobs/producer.ts';
import type { RecentKeys } from '../jobs/recent-keys.ts';
import { formatKey, type ObjectKey } from '../keys.ts';
import type { QueueMetrics } from '../metrics.ts';
import { createPendingKeys, type PendingKeys } from './pending-keys.ts';
import { enqueueAtPace } from './resync-pace.ts';
import type { NamedObject, Source } from './source.ts';
import { createStaleKeys, type StaleKeys } from './stale-keys.ts';

/** unsettled: objects that have still a way to go; full: all objects, because timers in Redis may be lost. */
export type ResyncScope = 'unsettled' | 'full';

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

/** A failure as the throttled log takes it. */
interface Warning {
  readonly err: unknown;
  readonly message: string;
  readonly scope?: ResyncScope;
}

/** A tick waits for one command of Redis at most, which gives up after five seconds. */
const tickLimitMs = 15_000;

/**
 * The way from watches to the queue. The leader enqueues the keys of each change; the others enqueue again what they may
 * have reconciled with an old cache. Subscribes to all sources at once: events from before {@link startLeading} are
 * covered by the resync that it causes.
 */
export class EnqueueLoop {
  private readonly options: EnqueueLoopOptions;
  private readonly pending: PendingKeys;
  private readonly stale: StaleKeys;
  private readonly warn: (warning: Warning) => void;
  private leading = false;
  private needed: ResyncScope | undefined;
  private resyncing = false;
  private lastTick: number;
  private nextResync = Number.POSITIVE_INFINITY;

  constructor(options: EnqueueLoopOptions) {
    const { sources, producer, recent, metrics, logger, clock } = options;
    this.options = options;
    this.lastTick = clock.monotonicMs();
    this.warn = throttle<Warning>(5_000, clock, ({ message, ...fields }, skipped) => {
      logger.warn({ ...fields, skipped }, message);
    });
    this.pending = createPendingKeys(
      (keys, reason) => producer.enqueue(keys, reason),
      (error) => {
        metrics.enqueueFailures.inc();
        this.needed = 'full';
        this.warn({ err: error, message: 'Failed to enqueue changes, a resync will follow' });
      },
    );
    this.stale = createStaleKeys(recent, clock, (key) => {
      if (!this.leading) this.pending.add(key, 'stale');
    });
    for (const source of sources) {
      source.onChange((object, deleted) => {
        this.noteChange(source, object, deleted === true);
      });
    }
  }

  /** Starts a resync when one is due, without waiting for it. To be called each second; never rejects. */
  async tick(): Promise<void> {
    const { redis, clock } = this.options;
    await redis.tick();
    this.lastTick = clock.monotonicMs();
    const scope = this.leading && !this.resyncing && redis.answers() ? this.dueScope() : undefined;
    if (scope !== undefined) this.resyncInBackground(scope);
  }

  /** To be called when this process begins to lead. */
  startLeading(): void {
    this.leading = true;
    this.needed ??= 'unsettled';
    this.scheduleResync();
    void this.tick();
  }

  stopLeading(): void {
    this.leading = false;
    this.pending.clear();
  }

  /** Fails when no `tick` has ended for a while. */
  readonly check: Check = {
    name: 'enqueue-loop',
    check: () => {
      const sinceMs = this.options.clock.monotonicMs() - this.lastTick;
      if (sinceMs > tickLimitMs) throw new Error(`no tick for ${Math.round(sinceMs / 1_000)} s`);
      return undefined;
    },
  };

  private noteChange(source: Source, object: NamedObject, deleted: boolean): void {
    try {
      const reason = source.reasonOf(object);
      for (const key of source.keysOf(object, deleted)) {
        if (this.leading) this.pending.add(key, reason);
        else this.stale.noteChange(key);
      }
    } catch (error) {
      const { namespace, name } = object.metadata;
      this.options.logger.error(
        { err: error, kind: source.kind, namespace, name },
        'Could not map a watch event to keys',
      );
    }
  }

  private scheduleResync(): void {
    const { clock, resyncIntervalMs } = this.options;
    // Jitter keeps the leaders of several clusters apart.
    this.nextResync = clock.monotonicMs() + resyncIntervalMs * (0.9 + Math.random() * 0.2);
  }

  private dueScope(): ResyncScope | undefined {
    const { redis, clock } = this.options;
    if (redis.suspicion() !== undefined) return 'full';
    return this.needed ?? (clock.monotonicMs() >= this.nextResync ? 'unsettled' : undefined);
  }

  private resyncInBackground(scope: ResyncScope): void {
    this.resyncing = true;
    this.resync(scope)
      .catch((error: unknown) => {
        this.needed = scope;
        this.warn({ err: error, scope, message: 'Resync failed, trying again' });
      })
      .finally(() => {
        this.resyncing = false;
      });
  }

  private async resync(scope: ResyncScope): Promise<void> {
    const { sources, producer, redis, metrics, logger, clock } = this.options;
    const why = redis.suspicion();
    const finish = scope === 'full' ? await redis.beginFullResync() : undefined;
    this.needed = undefined;
    const keys = collectKeys(sources, scope);
    if (!(await enqueueAtPace(producer, keys, () => this.leading))) return;
    if (finish !== undefined && !(await finish())) throw new Error('Redis was wiped during the resync');
    metrics.resyncs.inc({ scope });
    metrics.lastResync.set({ scope }, clock.now().getTime() / 1_000);
    logger[scope === 'full' ? 'info' : 'debug']({ scope, why, keys: keys.length }, 'Resynced');
    this.scheduleResync();
  }
}

function collectKeys(sources: readonly Source[], scope: ResyncScope): ObjectKey[] {
  const keys = new Map<string, ObjectKey>();
  for (const source of sources) {
    for (const object of source.list()) {
      if (scope === 'unsettled' && source.settled(object)) continue;
      for (const key of source.resyncKeysOf(object)) keys.set(formatKey(key), key);
    }
  }
  return [...keys.values()];
}
