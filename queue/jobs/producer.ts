import { Queue, type BulkJobOptions } from 'bullmq';
import type { Clock } from '../../lib/clock.ts';
import { controllers, formatKey, timersQueue, type Controller, type JobData, type ObjectKey } from '../keys.ts';
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
  /** Returns the number of jobs by state. */
  depth(queue: QueueName): Promise<Record<'waiting' | 'active' | 'delayed', number>>;
  close(): Promise<void>;
}

export type QueueName = Controller | typeof timersQueue;

/** Names of all queues. */
export const queueNames: readonly QueueName[] = [...controllers, timersQueue];

type JobQueue = Queue<JobData>;

/** Longest timer in Redis: the run at its end sets the next. */
const maxDelayMs = 24 * 3_600_000;
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
  const queues = new Map<QueueName, Promise<JobQueue>>();

  /** BullMQ reads the version of Redis when it opens a queue; if that fails, the queue stays unusable. */
  async function queueOf(name: QueueName): Promise<JobQueue> {
    if (client.status !== 'ready') throw new RedisUnavailableError('Redis is not connected');
    const opened = queues.get(name) ?? open(name);
    queues.set(name, opened);
    return opened;
  }

  async function open(name: QueueName): Promise<JobQueue> {
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

  return {
    enqueue: async (keys, reason) => {
      const byKind = Map.groupBy(keys, ({ kind }) => kind);
      for (const [kind, group] of byKind) {
        const queue = await queueOf(kind);
        await queue.addBulk(group.map((key) => reconcileJob(key, reason, clock.now())));
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
