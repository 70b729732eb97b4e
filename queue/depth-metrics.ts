import type { Logger } from '../lib/logger.ts';
import type { DeadLetters } from './dead-letters/store.ts';
import type { QueueMetrics } from './metrics.ts';
import { queueNames, type Producer } from './jobs/producer.ts';

interface Measured {
  readonly producer: Pick<Producer, 'depth'>;
  readonly deadLetters: Pick<DeadLetters, 'refresh'>;
  readonly metrics: QueueMetrics;
  readonly logger: Logger;
}

/** Reads the depth of all queues and the dead letters into the metrics; while Redis is away they keep their last values. */
export async function measureQueues({ producer, deadLetters, metrics, logger }: Measured): Promise<void> {
  try {
    for (const queue of queueNames) {
      const counts = Object.entries(await producer.depth(queue));
      for (const [state, count] of counts) metrics.depth.set({ queue, state }, count);
    }
    const letters = Object.entries(await deadLetters.refresh());
    for (const [queue, count] of letters) metrics.deadLetters.set({ queue }, count);
  } catch (error) {
    // The watch of Redis tells of an outage; here it is no news.
    logger.debug({ err: error }, 'Queues could not be measured');
  }
}
