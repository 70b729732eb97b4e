import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../process/logger.ts';
import { createRegistry } from '../process/metrics.ts';
import type { RedisConfig } from './settings.ts';
import { parseKey } from './keys.ts';
import { createDeadLetters, type DeadLetter } from './dead-letters/store.ts';
import { createQueueMetrics } from './metrics.ts';
import { createProducer } from './jobs/producer.ts';
import { connectRedis, RedisUnavailableError, whenReady } from './connection/redis.ts';

/** Access to the dead keys, for the command `aegis dead-letters`. */
export interface DeadLetterClient {
  /** Returns the dead keys, newest first. */
  list(): Promise<DeadLetter[]>;
  /** Enqueues the keys and removes them from the list. */
  retry(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects to Redis.
 *
 * @throws RedisUnavailableError when Redis does not answer within five seconds
 */
export async function openDeadLetters(config: RedisConfig): Promise<DeadLetterClient> {
  const clock = systemClock();
  const logger = createLogger('silent');
  const client = connectRedis(config, 'producer', logger, clock);
  const prefix = config.queuePrefix;
  const metrics = createQueueMetrics(createRegistry());
  const producer = createProducer({ client, prefix, metrics, clock, onError: () => undefined });
  const deadLetters = createDeadLetters(client, prefix);
  try {
    await whenReady(client);
  } catch (error) {
    await producer.close();
    throw new RedisUnavailableError('Redis does not answer', { cause: error });
  }
  return {
    list: () => deadLetters.list(),
    retry: async (letters) => {
      await producer.enqueue(
        letters.map(({ key }) => parseKey(key)),
        'retry',
      );
      for (const { key } of letters) await deadLetters.remove(key);
    },
    close: () => producer.close(),
  };
}
