import type { Logger } from '../lib/logger.ts';
import type { DeadLetters } from './dead-letters/store.ts';
import type { QueueMetrics } from './metrics.ts';
import { timersQueue } from './keys.ts';
import type { Producer } from './jobs/producer.ts';

interface Measured {
  /** Names of all queues. */
  readonly queues: readonly string[];
  readonly producer: Pick<Producer, 'depth'>;
  readonly deadLetters: Pick<DeadLetters, 'refresh'>;
  readonly metrics: QueueMetrics;
  readonly logger: Logger;
}

/** Sets the metrics of queue depth and dead keys. They keep their values while Redis is unavailable. */
export async function measureQueues({ queues, producer, deadLetters, metrics, logger }: Measured): Promise<void> {
  try {
    for (const queue of queues) {
      const counts = Object.entries(await producer.depth(queue));
      for (const [state, count] of counts) metrics.depth.set({ queue, state }, count);
    }
    const letters = await deadLetters.refresh();
    for (const queue of queues.filter((name) => name !== timersQueue))
      metrics.deadLetters.set({ queue }, letters[queue] ?? 0);
  } catch (error) {
    // The watch of Redis already reports an outage.
    logger.debug({ err: error }, 'Could not measure the queues');
  }
}
