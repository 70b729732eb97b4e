import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { enqueueAtPace } from '../../queue/enqueue/resync-pace.ts';
import { alertKey, createTestQueue, type TestQueue } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

let server: RedisServer;
let queue: TestQueue;

beforeAll(async () => {
  server = await startRedisServer();
}, 120_000);

afterAll(async () => {
  await server.stop();
});

beforeEach(async () => {
  queue = createTestQueue(server.url);
  await queue.ready();
});

afterEach(async () => {
  await queue.close();
});

const many = Array.from({ length: 2_000 }, (_, index) => alertKey(`known-${index}`));

describe('a resync of many keys', () => {
  it('a resync of many keys does not delay a new alert', async () => {
    const runs: string[] = [];
    await queue.work(
      async ({ name }) => {
        runs.push(name);
        await sleep(2);
        return undefined;
      },
      { concurrency: 4 },
    );
    const resync = enqueueAtPace(queue.producer, many, () => true);
    await until(() => runs.length > 300);
    const before = runs.length;
    await queue.producer.enqueue([alertKey('new')], 'change');
    await until(() => runs.includes('new'));
    expect(runs.indexOf('new') - before).toBeLessThan(200);
    expect(await resync).toBe(true);
    await until(() => runs.length === many.length + 1);
  });

  it('a resync of many keys ends when the process loses the leadership', async () => {
    await queue.work(() => Promise.resolve(undefined));
    let batches = 0;
    expect(await enqueueAtPace(queue.producer, many, () => (batches += 1) < 20)).toBe(false);
    expect((await queue.producer.depth('alert')).waiting).toBeLessThan(many.length);
  });
});
