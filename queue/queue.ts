import type { Runnable } from '../lib/runnable.ts';
import type { Surroundings } from '../process/role.ts';
import type { RedisConfig } from './settings.ts';
import { timersQueue, type Reconcile } from './keys.ts';
import { createDeadLetters } from './dead-letters/store.ts';
import { createEvictionGuard } from './connection/eviction.ts';
import { measureQueues } from './depth-metrics.ts';
import { createQueueMetrics } from './metrics.ts';
import { createProducer } from './jobs/producer.ts';
import { createRecentKeys } from './jobs/recent-keys.ts';
import { connectRedis, disconnectRedis } from './connection/redis.ts';
import { createRedisWatch } from './connection/redis-watch.ts';
import { throttle } from '../lib/throttle.ts';
import { createTimers } from './jobs/timers.ts';
import { createReconcileWorker } from './jobs/worker.ts';

/** The share of the shutdown time in which runs may end by themselves. */
const drainShare = 0.6;

/** The configuration of the queue. */
export type QueueConfig = RedisConfig & {
  /** How many keys of each kind are worked on at once. */
  readonly concurrency: number;
  /** Milliseconds after which a run is aborted. */
  readonly reconcileTimeout: number;
  /** Milliseconds from SIGTERM to the end of the process. */
  readonly shutdownGrace: number;
};

/** A controller as far as the queue knows it. */
export interface QueuedController {
  /** Name of its queue, and the kind of its keys. */
  readonly name: string;
  readonly reconcile: Reconcile;
  /** Keys worked on at once; default: the configuration's. */
  readonly concurrency?: number;
  /** Milliseconds after which a run is aborted; default: the configuration's. */
  readonly deadlineMs?: number;
}

/** Everything of this process that has to do with Redis. Connects at once, works when its parts are started. */
export function createQueue(
  config: QueueConfig,
  { logger, clock, registry }: Surroundings,
  controllers: readonly QueuedController[],
) {
  const prefix = config.queuePrefix;
  const metrics = createQueueMetrics(registry);
  const producerClient = connectRedis(config, 'producer', logger, clock);
  const workerClient = connectRedis(config, 'worker', logger, clock);
  // Each worker reports a lost connection; one line for all of them is enough.
  const onError = throttle<unknown>(10_000, clock, (err, skipped) => {
    logger.warn({ err, skipped }, 'Queue met an error');
  });
  const common = { prefix, metrics, logger, clock, onError };
  const producer = createProducer({ client: producerClient, ...common });
  const deadLetters = createDeadLetters(producerClient, prefix);
  const redis = createRedisWatch({ client: producerClient, ...common });
  const eviction = createEvictionGuard(producerClient, logger);
  const recent = createRecentKeys(clock);
  const drainMs = config.shutdownGrace * drainShare;
  const workers = controllers.map(
    ({ name, reconcile, concurrency = config.concurrency, deadlineMs = config.reconcileTimeout }) =>
      createReconcileWorker({
        ...common,
        controller: name,
        client: workerClient,
        reconcile,
        producer,
        deadLetters,
        recent,
        concurrency,
        deadlineMs,
        drainMs,
      }),
  );
  const queues = [...controllers.map(({ name }) => name), timersQueue];
  const timers = createTimers({ client: workerClient, producer, ...common });

  return {
    producer,
    recent,
    redis,
    metrics,
    connections: {
      name: 'redis',
      start: () => undefined,
      stop: async () => {
        await producer.close();
        disconnectRedis(workerClient);
      },
    } satisfies Runnable,
    workers: together('workers', [timers, ...workers], drainMs),
    ticks: [
      { name: 'eviction-policy', periodMs: 10_000, work: () => eviction.refresh() },
      {
        name: 'queue-metrics',
        periodMs: 5_000,
        work: () => measureQueues({ queues, producer, deadLetters, metrics, logger }),
      },
    ],
    livez: workers.map(({ check }) => check),
    readyz: [redis.check, eviction.check],
  };
}

/** Parts that stop at the same time, because each may take as long as the process has. */
function together(name: string, parts: readonly Runnable[], drainMs: number): Runnable {
  return {
    name,
    stopTimeoutMs: drainMs + 5_000,
    start: async (fatal) => {
      for (const part of parts) await part.start(fatal);
    },
    stop: async () => {
      const results = await Promise.allSettled(parts.map(async (part) => part.stop()));
      const failures = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
      if (failures.length > 0) throw new AggregateError(failures, `${name} did not stop properly`);
    },
  };
}
