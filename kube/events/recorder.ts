import { LRUCache } from 'lru-cache';
import { randomBytes } from 'node:crypto';

import type { KubeObject } from '../../crds/object.ts';
import { ApiError, isAlreadyExists, isNotFound } from '../client/api-error.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { eventOf, type EventFacts, type KubeEvent } from './event.ts';
import { toMicroTime } from '../kinds/lease.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeMetrics } from '../metrics.ts';
import type { ResourceClient } from '../client/resources.ts';
import { createTokenBuckets, type TokenBuckets } from '../../lib/token-bucket.ts';

export interface EventRecorderOptions {
  readonly client: Pick<ResourceClient<KubeEvent>, 'create' | 'patch'>;
  /** Such as `aegis.io/worker`. */
  readonly controller: string;
  /** Such as the pod's name. */
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: KubeMetrics | undefined;
}

/** Milliseconds for pending events when the process stops. */
const stopTimeoutMs = 3_000;

/** Returns a part that stops the recorder with its process. */
export function eventsPart(events: EventRecorder): { name: string; start(): void; stop(): Promise<void> } {
  return { name: 'events', start: () => undefined, stop: () => events.stop(stopTimeoutMs) };
}

/** An event and the number of its occurrences. */
interface Series {
  readonly key: string;
  readonly event: KubeEvent;
  count: number;
  lastAt: Date;
  lastMs: number;
  /** The count that was written; 0 before the event is created. */
  written: number;
}

/** A repetition after a longer gap is a new event. */
const seriesGapMs = 10 * 60_000;
/** Repetitions are counted in memory and written this often. */
const flushMs = 10_000;
const maxSeries = 4_096;
const maxPending = 1_000;
const attempts = 3;
const backoff = { baseMs: 500, capMs: 5_000 };
/** Limit per object; repetitions do not count. */
const rate = { burst: 25, refillMs: 5 * 60_000, maxKeys: 4_096 };

/** Records what happened to objects as Kubernetes events. Events are best effort: they may be dropped. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #known = new LRUCache<string, Series>({ max: maxSeries });
  readonly #buckets: TokenBuckets;
  /** New ones, and repeated ones that are due to be written. */
  readonly #pending = new Set<Series>();
  readonly #repeated = new Set<Series>();
  readonly #stopping = new AbortController();
  #writing: Promise<void> | undefined;
  #flushing = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#buckets = createTokenBuckets({ ...rate, monotonicMs: () => options.clock.monotonicMs() });
  }

  /** Never throws and never waits. The same event again within ten minutes raises the count of the first. */
  record(regarding: KubeObject, facts: EventFacts): void {
    if (this.#stopping.signal.aborted) return;
    try {
      this.#add(regarding, facts);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'Event not recorded');
    }
  }

  /** Writes pending events for at most that many milliseconds and drops the rest. Nothing is recorded afterwards. */
  async stop(timeoutMs: number): Promise<void> {
    this.#flush();
    const timeUp = new AbortController();
    await Promise.race([this.#writing, this.#options.clock.sleep(timeoutMs, timeUp.signal)]);
    timeUp.abort();
    this.#stopping.abort();
    this.#count('dropped_queue', this.#pending.size);
    this.#pending.clear();
  }

  #add(regarding: KubeObject, facts: EventFacts): void {
    const { clock, controller, instance } = this.#options;
    const now = clock.now();
    const suffix = `${now.getTime().toString(16)}${randomBytes(3).toString('hex')}`;
    const event = eventOf(regarding, facts, { controller, instance }, { now, suffix });
    const { kind, namespace, name, uid } = event.regarding;
    const about = `${kind}/${namespace ?? ''}/${name}/${uid ?? ''}`;
    const key = JSON.stringify([about, event.type, event.reason, event.action, event.note]);
    const lastMs = clock.monotonicMs();
    const series = this.#known.get(key);
    if (series !== undefined && lastMs - series.lastMs < seriesGapMs) {
      this.#repeat(series);
      return;
    }
    if (!this.#buckets.take(about)) {
      this.#count('dropped_rate');
      return;
    }
    const fresh = { key, event, count: 1, lastAt: now, lastMs, written: 0 };
    this.#known.set(key, fresh);
    this.#enqueue(fresh);
  }

  #repeat(series: Series): void {
    series.count++;
    series.lastAt = this.#options.clock.now();
    series.lastMs = this.#options.clock.monotonicMs();
    this.#repeated.add(series);
    void this.#flushLater();
  }

  async #flushLater(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    await this.#options.clock.sleep(flushMs, this.#stopping.signal);
    this.#flushing = false;
    this.#flush();
  }

  #flush(): void {
    for (const series of this.#repeated) {
      // Unless it was written with its present count meanwhile.
      if (series.count > series.written) this.#enqueue(series);
    }
    this.#repeated.clear();
  }

  #enqueue(series: Series): void {
    if (this.#pending.size >= maxPending || this.#stopping.signal.aborted) {
      this.#drop(series, 'dropped_queue');
      return;
    }
    this.#pending.add(series);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (const series of this.#pending) {
      this.#pending.delete(series);
      await this.#write(series);
    }
  }

  async #write(series: Series): Promise<void> {
    const { client, clock, logger } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const target = series.count;
      try {
        const created = await createOrCount(client, series);
        this.#count(created ? 'created' : 'counted');
        series.written = target;
        return;
      } catch (error) {
        const lost = attempt === attempts || this.#stopping.signal.aborted;
        if (lost || (error instanceof ApiError && error.retry.kind === 'terminal')) {
          logger.warn({ err: error, reason: series.event.reason, attempt }, 'Event dropped');
          this.#drop(series, 'dropped_error');
          return;
        }
        await clock.sleep(backoffMs(backoff, attempt, Math.random), this.#stopping.signal);
      }
    }
  }

  #drop(series: Series, result: string): void {
    this.#count(result);
    // Its next occurrence may be written as a new event.
    if (series.written === 0) this.#known.delete(series.key);
  }

  #count(result: string, by = 1): void {
    this.#options.metrics?.events.inc({ result }, by);
  }
}

/** Writes an event; returns whether it was created, not counted. */
async function createOrCount(client: EventRecorderOptions['client'], series: Series): Promise<boolean> {
  const { event, count, lastAt, written } = series;
  const counted = count < 2 ? {} : { series: { count, lastObservedTime: toMicroTime(lastAt) } };
  if (written > 0) {
    try {
      await client.patch(event.metadata, counted);
      return false;
    } catch (error) {
      // The API server forgets events after an hour.
      if (!isNotFound(error)) throw error;
    }
  }
  try {
    await client.create({ ...event, ...counted });
  } catch (error) {
    // Created by an earlier attempt whose response was lost.
    if (!isAlreadyExists(error)) throw error;
  }
  return true;
}
