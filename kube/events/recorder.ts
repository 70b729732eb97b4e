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
import { createTokenBuckets } from '../../lib/token-bucket.ts';

/** Tells people what happened to an object, as Kubernetes events. Events are a courtesy: they may be dropped. */
export interface EventRecorder {
  /** Never throws and never waits. The same thing again within ten minutes raises the count of the first event. */
  record(regarding: KubeObject, facts: EventFacts): void;
  /** Writes what is pending, for at most that many milliseconds, and drops the rest. Nothing is recorded afterwards. */
  stop(timeoutMs: number): Promise<void>;
}

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

/** Events of the last moments get a moment. */
const lastMomentsMs = 3_000;

/** Lets a process stop its recorder. */
export function eventsPart(events: EventRecorder): { name: string; start(): void; stop(): Promise<void> } {
  return { name: 'events', start: () => undefined, stop: () => events.stop(lastMomentsMs) };
}

/** An event and how often it happened. */
interface Series {
  readonly key: string;
  readonly event: KubeEvent;
  count: number;
  lastAt: Date;
  lastMs: number;
  /** The count that the API server knows; 0 before the event is created. */
  written: number;
}

/** A repetition after a longer silence is a new event. */
const seriesGapMs = 10 * 60_000;
/** Repetitions are counted in memory and written this often. */
const flushMs = 10_000;
const maxSeries = 4_096;
const maxPending = 1_000;
const attempts = 3;
const backoff = { baseMs: 500, capMs: 5_000 };
/** Per object; repetitions cost nothing. */
const rate = { burst: 25, refillMs: 5 * 60_000, maxKeys: 4_096 };

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, controller, instance, clock, logger, metrics } = options;
  const known = new LRUCache<string, Series>({ max: maxSeries });
  const buckets = createTokenBuckets({ ...rate, monotonicMs: () => clock.monotonicMs() });
  /** New ones, and repeated ones whose time to be written has come. */
  const pending = new Set<Series>();
  const repeated = new Set<Series>();
  const stopping = new AbortController();
  let writing: Promise<void> | undefined;
  let flushing = false;

  const count = (result: string, by = 1): void => metrics?.events.inc({ result }, by);
  const enqueue = (series: Series): void => {
    if (pending.size >= maxPending || stopping.signal.aborted) {
      drop(series, 'dropped_queue');
      return;
    }
    pending.add(series);
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
  };
  const drop = (series: Series, result: string): void => {
    count(result);
    // Its next occurrence may try again.
    if (series.written === 0) known.delete(series.key);
  };
  const writeAll = async (): Promise<void> => {
    for (const series of pending) {
      pending.delete(series);
      await write(series);
    }
  };
  const write = async (series: Series): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const target = series.count;
      try {
        const created = await createOrCount(client, series);
        count(created ? 'created' : 'counted');
        series.written = target;
        return;
      } catch (error) {
        const lost = attempt === attempts || stopping.signal.aborted;
        if (lost || (error instanceof ApiError && error.retry.kind === 'terminal')) {
          logger.warn({ err: error, reason: series.event.reason, attempt }, 'Event dropped');
          drop(series, 'dropped_error');
          return;
        }
        await clock.sleep(backoffMs(backoff, attempt, Math.random), stopping.signal);
      }
    }
  };
  const flushLater = async (): Promise<void> => {
    if (flushing) return;
    flushing = true;
    await clock.sleep(flushMs, stopping.signal);
    flushing = false;
    flush();
  };
  const flush = (): void => {
    for (const series of repeated) {
      // Unless it was written with its present count meanwhile.
      if (series.count > series.written) enqueue(series);
    }
    repeated.clear();
  };
  const repeat = (series: Series): void => {
    series.count++;
    series.lastAt = clock.now();
    series.lastMs = clock.monotonicMs();
    repeated.add(series);
    void flushLater();
  };

  const record = (regarding: KubeObject, facts: EventFacts): void => {
    const now = clock.now();
    const suffix = `${now.getTime().toString(16)}${randomBytes(3).toString('hex')}`;
    const event = eventOf(regarding, facts, { controller, instance }, { now, suffix });
    const { kind, namespace, name, uid } = event.regarding;
    const about = `${kind}/${namespace ?? ''}/${name}/${uid ?? ''}`;
    const key = JSON.stringify([about, event.type, event.reason, event.action, event.note]);
    const lastMs = clock.monotonicMs();
    const series = known.get(key);
    if (series !== undefined && lastMs - series.lastMs < seriesGapMs) {
      repeat(series);
      return;
    }
    if (!buckets.take(about)) {
      count('dropped_rate');
      return;
    }
    const fresh = { key, event, count: 1, lastAt: now, lastMs, written: 0 };
    known.set(key, fresh);
    enqueue(fresh);
  };

  return {
    record: (regarding, facts) => {
      if (stopping.signal.aborted) return;
      try {
        record(regarding, facts);
      } catch (error) {
        logger.error({ err: error }, 'Event not recorded');
      }
    },
    stop: async (timeoutMs) => {
      flush();
      const timeUp = new AbortController();
      await Promise.race([writing, clock.sleep(timeoutMs, timeUp.signal)]);
      timeUp.abort();
      stopping.abort();
      count('dropped_queue', pending.size);
      pending.clear();
    },
  };
}

/** Answers whether it was created now. */
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
    // An earlier attempt whose answer was lost.
    if (!isAlreadyExists(error)) throw error;
  }
  return true;
}
