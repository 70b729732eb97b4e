import { Queue, type BulkJobOptions } from 'bullmq';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../lib/clock.ts';
import { formatKey, timersQueue, type JobData, type ObjectKey } from '../keys.ts';
import { maxAttempts } from './error-policy.ts';
import type { QueueMetrics } from '../metrics.ts';
import { disconnectRedis, RedisUnavailableError, type RedisClient } from '../connection/redis.ts';
import { priorityOf, type EnqueueReason } from './priority.ts';

/** Enqueues keys for the workers of all processes. Fails at once while Redis is disconnected. */
export interface Producer {
  /**
   * Ensures that exactly one run of each key is waiting. A key that is being reconciled gets exactly one more run. While a
   * failed run waits for its retry, that retry is the waiting run.
   */
  enqueue(keys: readonly ObjectKey[], reason: EnqueueReason): Promise<void>;
  /** Enqueues the key after the delay; replaces an earlier timer of the key. */
  requeueAfter(key: ObjectKey, delayMs: number): Promise<void>;
  /** Jobs by state. */
  depth(queue: string): Promise<Record<'waiting' | 'active' | 'delayed', number>>;
  close(): Promise<void>;
}

type JobQueue = Queue<JobData>;

/** Longest timer in Redis: the run at its end sets the next. */
const maxDelayMs = 24 * 3_600_000;
/** Deferred keys that are remembered; for the others, urgency comes with the next resync. */
const maxDeferred = 20_000;
/** Length of BullMQ's event streams, which Aegis does not read. */
const eventsKept = 100;

const common = { removeOnComplete: true, removeOnFail: true, stackTraceLimit: 0, backoff: { type: 'custom' } } as const;

/**
 * Creates a producer, which opens each queue at its first use.
 *
 * @param options.client a connection for the purpose `producer`, which the producer closes
 */
export function createProducer(options: {
  client: RedisClient;
  prefix: string;
  metrics: QueueMetrics;
  clock: Pick<Clock, 'now'>;
  /** Called with errors of the queue itself, such as a lost connection. */
  onError: (error: unknown) => void;
}): Producer {
  const { client, prefix, metrics, clock, onError } = options;
  const queues = new Map<string, Promise<JobQueue>>();
  /** Keys that were enqueued behind all others and may still be there. */
  const deferred = new LRUCache<string, true>({ max: maxDeferred });

  /** BullMQ reads the version of Redis when it opens a queue; if that fails, the queue stays unusable. */
  async function queueOf(name: string): Promise<JobQueue> {
    if (client.status !== 'ready') throw new RedisUnavailableError('Redis is not connected');
    const opened = queues.get(name) ?? open(name);
    queues.set(name, opened);
    return opened;
  }

  async function open(name: string): Promise<JobQueue> {
    const queue: JobQueue = new Queue(name, {
      connection: client,
      prefix,
      streams: { events: { maxLen: eventsKept } },
    });
    queue.on('error', onError);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      queues.delete(name);
      throw error;
    }
  }

  /**
   * A key whose run waits behind all others keeps that place when it is enqueued again: one that has become urgent is
   * moved up.
   */
  async function raiseDeferred(queue: JobQueue, ids: readonly string[], reason: EnqueueReason): Promise<void> {
    for (const id of ids) {
      if (reason === 'unmatched') deferred.set(id, true);
      else if (deferred.delete(id)) await raise(queue, id, reason);
    }
  }

  async function raise(queue: JobQueue, id: string, reason: EnqueueReason): Promise<void> {
    const jobId = await queue.getDeduplicationJobId(id);
    const job = jobId === null ? undefined : await queue.getJob(jobId);
    // A run that has begun meanwhile is followed by another one.
    if ((await job?.getState()) !== 'prioritized') return;
    await job?.changePriority({ priority: priorityOf(reason, clock.now().getTime()) }).catch(onError);
  }

  return {
    enqueue: async (keys, reason) => {
      const byKind = Map.groupBy(keys, ({ kind }) => kind);
      for (const [kind, group] of byKind) {
        const queue = await queueOf(kind);
        await queue.addBulk(group.map((key) => reconcileJob(key, reason, clock.now())));
        await raiseDeferred(queue, group.map(formatKey), reason);
        metrics.enqueued.inc({ queue: kind, reason }, group.length);
      }
    },
    requeueAfter: async (key, delayMs) => {
      const id = formatKey(key);
      const queue = await queueOf(timersQueue);
      await queue.add('timer', { key: id, reason: 'timer' }, timerJob(id, delayMs));
    },
    depth: async (name) => {
      const counts = await (await queueOf(name)).getJobCounts('waiting', 'prioritized', 'active', 'delayed');
      const waiting = (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0);
      return { waiting, active: counts['active'] ?? 0, delayed: counts['delayed'] ?? 0 };
    },
    close: async () => {
      const opened = await Promise.allSettled(queues.values());
      for (const result of opened) if (result.status === 'fulfilled') await result.value.close();
      disconnectRedis(client);
    },
  };
}

function reconcileJob(key: ObjectKey, reason: EnqueueReason, now: Date) {
  const id = formatKey(key);
  const opts: BulkJobOptions = {
    ...common,
    attempts: maxAttempts,
    priority: priorityOf(reason, now.getTime()),
    deduplication: { id, keepLastIfActive: true },
  };
  return { name: 'reconcile', data: { key: id, reason }, opts };
}

/** Returns the options of a timer: a delayed job gets the new time, a job that is running is followed by another. */
function timerJob(id: string, delayMs: number) {
  const delay = Math.round(Math.min(Math.max(delayMs, 1), maxDelayMs));
  const deduplication = { id, keepLastIfActive: true, reschedule: true };
  // A timer only enqueues, so only Redis can fail: the job is retried without limit.
  return { ...common, attempts: 1_000_000, delay, deduplication };
}
