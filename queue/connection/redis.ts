import { Cluster, Redis } from 'ioredis';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { parseRedisUrl, type RedisAddress } from './redis-url.ts';
import { throttle } from '../../lib/throttle.ts';

export type RedisClient = Redis | Cluster;

/** Redis is not connected. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
  readonly retry = { kind: 'retryable' } as const;
}

/** Address and credentials of Redis; a part of the worker's configuration. */
export interface RedisSettings {
  readonly redisUrl: string;
  /** Takes precedence over the URL's. */
  readonly redisPassword?: string | undefined;
  readonly redisSentinelPassword?: string | undefined;
  /** PEM, in place of the public CAs. */
  readonly redisCa?: string | undefined;
}

/**
 * `worker`: commands wait for Redis without a time limit, as BullMQ's workers require.
 * `producer`: commands fail at once while Redis is disconnected, and after five seconds without an answer.
 */
export type Purpose = 'worker' | 'producer';

const commandTimeoutMs = 5_000;
const logPeriodMs = 10_000;

/**
 * Opens a connection that reconnects without limit. Lost connections are logged at most every ten seconds.
 *
 * @throws when the URL is invalid; the message does not contain it
 */
export function connectRedis(settings: RedisSettings, purpose: Purpose, logger: Logger, clock: Clock): RedisClient {
  const address = parseRedisUrl(settings.redisUrl);
  if (address === undefined) throw new Error('the Redis URL is invalid');
  const client = open(address, settings, purpose);
  const onError = throttle<unknown>(logPeriodMs, clock, (err, skipped) => {
    logger.warn({ err, purpose, skipped }, 'Redis connection failed');
  });
  client.on('error', onError);
  client.on('ready', () => {
    logger.info({ purpose }, 'Connected to Redis');
  });
  return client;
}

function open(address: RedisAddress, settings: RedisSettings, purpose: Purpose): RedisClient {
  const { mode, hosts, masterName } = address;
  const common = commonOptions(address, settings);
  const forPurpose = optionsOf(purpose);
  const tls = address.tls ? { tls: settings.redisCa === undefined ? {} : { ca: settings.redisCa } } : {};
  switch (mode) {
    case 'cluster':
      return new Cluster([...hosts], {
        redisOptions: { ...common, ...tls, ...forPurpose.command },
        enableOfflineQueue: forPurpose.enableOfflineQueue,
        clusterRetryStrategy: reconnectDelay,
        // Certificates contain host names, not the addresses that they resolve to.
        ...(address.tls ? { dnsLookup: keepName } : {}),
      });
    case 'sentinel': {
      const { redisSentinelPassword: sentinelPassword } = settings;
      return new Redis({
        ...common,
        ...forPurpose.command,
        enableOfflineQueue: forPurpose.enableOfflineQueue,
        retryStrategy: reconnectDelay,
        sentinels: [...hosts],
        ...(masterName === undefined ? {} : { name: masterName }),
        ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
        ...(tls.tls === undefined ? {} : { ...tls, sentinelTLS: tls.tls, enableTLSForSentinelMode: true }),
        db: address.db,
      });
    }
    case 'single':
      return new Redis({
        ...common,
        ...forPurpose.command,
        enableOfflineQueue: forPurpose.enableOfflineQueue,
        retryStrategy: reconnectDelay,
        ...hosts[0],
        ...tls,
        db: address.db,
      });
  }
}

function commonOptions(address: RedisAddress, settings: RedisSettings) {
  const { username } = address;
  const password = settings.redisPassword ?? address.password;
  return {
    connectionName: 'aegis',
    connectTimeout: commandTimeoutMs,
    // After a failover the old master still answers but refuses writes: 2 = reconnect and send the command again.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  } as const;
}

function optionsOf(purpose: Purpose) {
  return purpose === 'worker'
    ? { enableOfflineQueue: true, command: { maxRetriesPerRequest: null } }
    : { enableOfflineQueue: false, command: { maxRetriesPerRequest: 0, commandTimeout: commandTimeoutMs } };
}

function keepName(host: string, done: (error: null, host: string) => void): void {
  done(null, host);
}

/** Returns milliseconds before the next try: 50, 100, 200 ... 2000, with jitter to spread the workers. */
function reconnectDelay(times: number): number {
  return backoffMs({ baseMs: 50, capMs: 2_000 }, times, Math.random);
}

/** Resolves when commands can be sent; rejects with the last error after five seconds. */
export async function whenReady(client: RedisClient): Promise<void> {
  if (client.status === 'ready') return;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let last: unknown = new Error('no connection within five seconds');
  const onError = (error: unknown) => {
    last = error;
  };
  const onReady = () => {
    resolve(undefined);
  };
  const timer = setTimeout(() => {
    reject(last instanceof Error ? last : new Error('the connection failed'));
  }, commandTimeoutMs);
  client.on('error', onError).once('ready', onReady);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    client.off('error', onError).off('ready', onReady);
  }
}

/** Closes a connection without waiting for answers. */
export function disconnectRedis(client: RedisClient): void {
  client.removeAllListeners('error');
  client.on('error', () => undefined);
  client.disconnect();
}
