import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createTestQueue, type TestQueue } from './test-queue.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';

/** One Redis for all tests of a file, and for each of them a queue under a prefix of its own. */
export interface QueueFixture {
  server: RedisServer;
  queue: TestQueue;
}

/** To be called once at the top of a file. The answer is filled before each test. */
export function useQueueFixture(): QueueFixture {
  const fixture = {} as QueueFixture;

  beforeAll(async () => {
    fixture.server = await startRedisServer();
  }, 120_000);

  afterAll(async () => {
    await fixture.server.stop();
  });

  beforeEach(async () => {
    fixture.queue = createTestQueue(fixture.server.url);
    await fixture.queue.ready();
  });

  afterEach(async () => {
    await fixture.queue.close();
  });

  return fixture;
}
