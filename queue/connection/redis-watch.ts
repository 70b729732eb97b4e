import { randomUUID } from 'node:crypto';
import type { Check } from '../../process/checks.ts';
import { errorMessage } from '../../process/error-fields.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { redisKeys } from '../keys.ts';
import type { QueueMetrics } from '../metrics.ts';
import { RedisUnavailableError, type RedisClient } from './redis.ts';

/** A possible loss of jobs and timers in Redis since the last full resync. */
export type Suspicion =
  /** Redis lost its data, or no full resync has been done yet. */
  | 'wiped'
  /** The connection was lost: Redis may have lost the last second, or be another server after a failover. */
  | 'reconnected';

/**
 * Checks each second whether Redis answers and still has its data. The mark of a full resync is `done:<id>`. It is
 * `pending:<id>` while the resync runs, so that the next leader repeats a resync that was interrupted.
 */
export interface RedisWatch {
  /** Checks Redis once; never rejects. */
  tick(): Promise<void>;
  /** Returns the suspected loss since the last call of `beginFullResync`. */
  suspicion(): Suspicion | undefined;
  /** Marks the start of a full resync. The returned function marks its end; it returns false if Redis was wiped meanwhile. */
  beginFullResync(): Promise<() => Promise<boolean>>;
  /** Returns true when Redis answered the last tick. */
  answers(): boolean;
  /** Passes while Redis answers. */
  readonly check: Check;
}

/** Creates the watch; it does nothing until `tick` is called. */
export function createRedisWatch(options: {
  client: RedisClient;
  prefix: string;
  metrics: QueueMetrics;
  logger: Logger;
  clock: Clock;
}): RedisWatch {
  const { client, prefix, metrics, logger, clock } = options;
  const { epoch } = redisKeys(prefix);
  let suspected: Suspicion | undefined;
  let failure: string | undefined = 'not checked yet';
  let lastAnswer = clock.monotonicMs();
  let connections = 0;
  let ownMark: string | undefined;
  client.on('ready', () => {
    connections += 1;
    if (connections > 1) suspected ??= 'reconnected';
  });

  function judge(mark: string | null): void {
    const complete = mark !== null && (mark === ownMark || mark.startsWith('done:'));
    if (complete || suspected === 'wiped') return;
    suspected = 'wiped';
    logger.info({ mark: mark?.split(':')[0] ?? 'none' }, 'Redis is new or has lost its data');
  }

  return {
    tick: async () => {
      try {
        if (client.status !== 'ready') throw new RedisUnavailableError('Redis is not connected');
        judge(await client.get(epoch));
        failure = undefined;
        lastAnswer = clock.monotonicMs();
        metrics.redisUp.set(1);
      } catch (error) {
        if (failure === undefined) logger.warn({ err: error }, 'Redis does not answer');
        failure = errorMessage(error);
        suspected ??= 'reconnected';
        metrics.redisUp.set(0);
      }
    },
    suspicion: () => suspected,
    beginFullResync: async () => {
      const id = randomUUID();
      ownMark = `pending:${id}`;
      await client.set(epoch, ownMark);
      suspected = undefined;
      return async () => {
        const kept = (await client.set(epoch, `done:${id}`, 'XX')) === 'OK';
        ownMark = undefined;
        return kept;
      };
    },
    answers: () => failure === undefined,
    check: {
      name: 'redis',
      check: () => {
        if (failure === undefined) return undefined;
        const seconds = Math.round((clock.monotonicMs() - lastAnswer) / 1_000);
        throw new Error(`no answer for ${seconds} s: ${failure}`);
      },
    },
  };
}
