import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../process/logger.ts';
import { createEvictionGuard } from '../../queue/connection/eviction.ts';
import { connectRedis, type RedisClient } from '../../queue/connection/redis.ts';
import { until } from './support/eventually.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

let server: RedisServer;
let client: RedisClient;
const logger = createLogger('silent');

beforeAll(async () => {
  server = await startRedisServer();
  client = connectRedis({ redisUrl: server.url }, 'producer', logger, systemClock());
  await until(() => client.status === 'ready');
}, 120_000);

afterAll(async () => {
  await client.quit();
  await server.stop();
});

describe('the eviction guard', () => {
  it('the eviction guard is not ready before it has asked Redis', () => {
    expect(() => createEvictionGuard(client, logger).check.check()).toThrow('not checked yet');
  });

  it('the eviction guard is ready only while Redis evicts nothing', async () => {
    const guard = createEvictionGuard(client, logger);
    await guard.refresh();
    expect(guard.check.check()).toBeUndefined();
    await server.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await guard.refresh();
    expect(() => guard.check.check()).toThrow('maxmemory-policy is allkeys-lru, must be noeviction');
    await server.client.config('SET', 'maxmemory-policy', 'noeviction');
    await guard.refresh();
    expect(guard.check.check()).toBeUndefined();
  });

  it('the eviction guard is ready with a warning where Redis does not return its policy', async () => {
    await server.client.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', '+@all', '-config', '-info');
    const url = server.url.replace('redis://', 'redis://limited:pw@');
    const limited = connectRedis({ redisUrl: url }, 'producer', logger, systemClock());
    await until(() => limited.status === 'ready');
    const guard = createEvictionGuard(limited, logger);
    await guard.refresh();
    expect(await guard.check.check()).toMatch(/^could not be checked \(NOPERM/);
    await limited.quit();
  });

  it('the eviction guard reads the policy from INFO where CONFIG is forbidden', async () => {
    await server.client.call('ACL', 'SETUSER', 'noconfig', 'on', '>pw', '~*', '+@all', '-config');
    const url = server.url.replace('redis://', 'redis://noconfig:pw@');
    const limited = connectRedis({ redisUrl: url }, 'producer', logger, systemClock());
    await until(() => limited.status === 'ready');
    const guard = createEvictionGuard(limited, logger);
    await guard.refresh();
    expect(guard.check.check()).toBeUndefined();
    await limited.quit();
  });
});
