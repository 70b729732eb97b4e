import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../lib/clock.ts';
import { createLogger } from '../../../process/logger.ts';
import { Registry } from '../../../process/metrics.ts';
import type { ObjectKey, Reconcile } from '../../../queue/keys.ts';
import { createDeadLetters } from '../../../queue/dead-letters/store.ts';
import { createQueueMetrics } from '../../../queue/metrics.ts';
import { EnqueueLoop, type EnqueueLoopOptions } from '../../../queue/enqueue/loop.ts';
import { createProducer } from '../../../queue/jobs/producer.ts';
import { createRecentKeys } from '../../../queue/jobs/recent-keys.ts';
import { connectRedis, disconnectRedis, type RedisSettings } from '../../../queue/connection/redis.ts';
import { createRedisWatch } from '../../../queue/connection/redis-watch.ts';
import { createTimers } from '../../../queue/jobs/timers.ts';
import { createReconcileWorker, type ReconcileWorker } from '../../../queue/jobs/worker.ts';

/**
 * The queue of one process without Kubernetes, under a prefix of its own.
 *
 * @param redis the URL of Redis, or all that there is to know
 */
export function createTestQueue(redis: string | RedisSettings, prefix = `{${randomUUID().slice(0, 8)}}`) {
  const settings = typeof redis === 'string' ? { redisUrl: redis } : redis;
  let logged = '';
  const logger = createLogger('debug', { write: (line) => (logged += line) });
  const clock = systemClock();
  const registry = new Registry();
  const metrics = createQueueMetrics(registry);
  const producerClient = connectRedis(settings, 'producer', logger, clock);
  const workerClient = connectRedis(settings, 'worker', logger, clock);
  const common = { prefix, logger, clock, metrics, onError: () => undefined };
  const producer = createProducer({ client: producerClient, ...common });
  const deadLetters = createDeadLetters(producerClient, prefix);
  const recent = createRecentKeys(clock);
  const watch = createRedisWatch({ client: producerClient, ...common });
  const timers = createTimers({ client: workerClient, producer, ...common });
  const workers: ReconcileWorker[] = [];

  return {
    prefix,
    producer,
    deadLetters,
    recent,
    redis: watch,
    metrics,
    registry,
    logger,
    clock,
    /** All log lines so far. */
    logged: () => logged,
    /** Creates the loop that the leader runs each second. */
    createLoop: (options: Partial<EnqueueLoopOptions> & Pick<EnqueueLoopOptions, 'sources'>) =>
      new EnqueueLoop({
        producer,
        recent,
        redis: watch,
        metrics,
        logger,
        clock,
        resyncIntervalMs: 3_600_000,
        ...options,
      }),
    startTimers: () => timers.start(() => undefined),
    /** Starts a worker for a controller. */
    work: async (
      reconcile: Reconcile,
      options: {
        controller?: string;
        concurrency?: number;
        deadlineMs?: number;
        drainMs?: number;
        lockMs?: number;
      } = {},
    ): Promise<ReconcileWorker> => {
      const defaults = { controller: 'alert', concurrency: 8, deadlineMs: 10_000, drainMs: 2_000 } as const;
      const surroundings = { ...common, client: workerClient, producer, deadLetters, recent };
      const worker = createReconcileWorker({ ...defaults, ...surroundings, ...options, reconcile });
      workers.push(worker);
      await worker.start(() => undefined);
      return worker;
    },
    ready: async () => {
      while (producerClient.status !== 'ready') await new Promise((resolve) => producerClient.once('ready', resolve));
    },
    close: async () => {
      const running = workers.filter((worker) => worker.state() === 'running');
      await Promise.allSettled(running.map(async (worker) => worker.stop()));
      await timers.stop();
      await producer.close();
      disconnectRedis(workerClient);
    },
  };
}

export type TestQueue = ReturnType<typeof createTestQueue>;

export function alertKey(name: string): ObjectKey {
  return { kind: 'alert', namespace: 'monitoring', name };
}
