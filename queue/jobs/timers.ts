import { Worker, type Job } from 'bullmq';
import type { Runnable } from '../../lib/runnable.ts';
import { JobData, timersQueue } from '../keys.ts';
import type { Producer } from './producer.ts';
import type { RedisClient } from '../connection/redis.ts';

const concurrency = 20;
const retryDelayMs = 1_000;

/** Creates the runnable that enqueues keys whose timer fires. It never reconciles, so a key never runs twice at once. */
export function createTimers(options: {
  client: RedisClient;
  prefix: string;
  producer: Pick<Producer, 'enqueue'>;
  onError: (error: unknown) => void;
}): Runnable {
  const { client, prefix, producer, onError } = options;
  let worker: Worker<unknown> | undefined;
  const fire = async (job: Job<unknown>) => {
    const { key } = JobData.parse(job.data);
    await producer.enqueue([key], 'timer');
  };
  return {
    name: 'timers',
    start: () => {
      worker = new Worker<unknown>(timersQueue, fire, {
        connection: client,
        prefix,
        concurrency,
        settings: { backoffStrategy: () => retryDelayMs },
      });
      worker.on('error', onError);
    },
    stop: () => worker?.close(),
  };
}
