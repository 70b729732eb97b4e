import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createBench, type Bench } from './bench.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';

/** One Redis for all tests of a file, and for each of them a queue under a prefix of its own. */
export interface QueueWorld {
  server: RedisServer;
  bench: Bench;
}

/** To be called once at the top of a file. The answer is filled before each test. */
export function useQueueWorld(): QueueWorld {
  const world = {} as QueueWorld;

  beforeAll(async () => {
    world.server = await startRedisServer();
  }, 120_000);

  afterAll(async () => {
    await world.server.stop();
  });

  beforeEach(async () => {
    world.bench = createBench(world.server.url);
    await world.bench.ready();
  });

  afterEach(async () => {
    await world.bench.close();
  });

  return world;
}
