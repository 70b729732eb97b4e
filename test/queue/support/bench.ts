import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../process/clock.ts';
import { createLogger } from '../../../process/logger.ts';
import { Registry } from '../../../process/metrics.ts';
import type { Controller, ObjectKey, Reconcile } from '../../../queue/contracts.ts';
import { createDeadLetters } from '../../../queue/dead-letters.ts';
import { createQueueMetrics } from '../../../queue/metrics.ts';
import { createProducer } from '../../../queue/producer.ts';
import { createRecentKeys } from '../../../queue/recent-keys.ts';
import { connectRedis, disconnectRedis } from '../../../queue/redis.ts';
import { createRedisWatch } from '../../../queue/redis-watch.ts';
import { createTimers } from '../../../queue/timers.ts';
import { createReconcileWorker, type ReconcileWorker } from '../../../queue/worker.ts';

/** The queue of one process without Kubernetes, under a prefix of its own. */
export function createBench(url: string, prefix = `{${randomUUID().slice(0, 8)}}`) {
  const logger = createLogger('silent');
  const clock = systemClock();
  const registry = new Registry();
  const metrics = createQueueMetrics(registry);
  const producerClient = connectRedis({ redisUrl: url }, 'producer', logger, clock);
  const workerClient = connectRedis({ redisUrl: url }, 'worker', logger, clock);
  const common = { prefix, logger, clock, metrics, onError: () => undefined };
  const producer = createProducer({ client: producerClient, ...common });
  const deadLetters = createDeadLetters(producerClient, prefix);
  const recent = createRecentKeys(clock);
  const redis = createRedisWatch({ client: producerClient, ...common });
  const timers = createTimers({ client: workerClient, producer, ...common });
  const workers: ReconcileWorker[] = [];

  return {
    prefix,
    producer,
    deadLetters,
    recent,
    redis,
    metrics,
    registry,
    logger,
    clock,
    startTimers: () => timers.start(() => undefined),
    /** Starts a worker for a controller. */
    work: async (
      reconcile: Reconcile,
      options: {
        controller?: Controller;
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

export type Bench = ReturnType<typeof createBench>;

export function alertKey(name: string): ObjectKey {
  return { kind: 'alert', namespace: 'monitoring', name };
}
