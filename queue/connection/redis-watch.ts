import { randomUUID } from 'node:crypto';
import type { Check } from '../../process/checks.ts';
import { errorMessage } from '../../process/error-fields.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { redisKeys } from '../keys.ts';
import type { QueueMetrics } from '../metrics.ts';
import { RedisUnavailableError, type RedisClient } from './redis.ts';

/** What may have happened to the jobs and timers in Redis since they were last known to be complete. */
export type Suspicion =
  /** Redis lost its data, or has never seen a full resync. */
  | 'wiped'
  /** It was away for a moment: it may have lost the last second, or be another one after a failover. */
  | 'reconnected';

/**
 * Looks each second whether Redis is there and still has its data. The mark of a full resync is `done:<id>`; it is
 * `pending:<id>` while the resync runs, so that one that died half-way is done again by the next leader.
 */
export interface RedisWatch {
  /** Asks Redis once; never rejects. */
  tick(): Promise<void>;
  /** What happened since the last call of `beginFullResync`. */
  suspicion(): Suspicion | undefined;
  /** Marks the start of a full resync; answers how to end it: false = Redis was wiped meanwhile, do it again. */
  beginFullResync(): Promise<() => Promise<boolean>>;
  /** Whether the last tick was answered. */
  answers(): boolean;
  /** Holds while Redis answers. */
  readonly check: Check;
}

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
  let failure: string | undefined = 'not asked yet';
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
