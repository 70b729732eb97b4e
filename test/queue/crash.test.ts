import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alertKey, createTestQueue } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer();
}, 120_000);

afterAll(async () => {
  await server.stop();
});

describe('a worker that is killed while it works on a key', () => {
  it('the key of a killed worker is run once by another worker', async () => {
    const queue = createTestQueue(server.url);
    await queue.ready();
    const script = new URL('support/holding-worker.ts', import.meta.url).pathname;
    const holder = spawn(process.execPath, [script, server.url, queue.prefix, '500'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface({ input: holder.stdout });
      const holding = once(lines, 'line');
      await queue.producer.enqueue([alertKey('a')], 'change');
      expect(await holding).toEqual(['holding a']);

      const runs: string[] = [];
      await queue.work(({ name }) => Promise.resolve(void runs.push(name)), { lockMs: 500 });
      expect(await queue.producer.depth('alert')).toMatchObject({ active: 1 });
      holder.kill('SIGKILL');
      await until(() => runs.length > 0);
      await until(async () => (await queue.producer.depth('alert')).active === 0);
      expect(runs).toEqual(['a']);
      expect(await queue.registry.getSingleMetricAsString('aegis_job_stalled_total')).toContain('{queue="alert"} 1');
    } finally {
      holder.kill('SIGKILL');
      await queue.close();
    }
  }, 30_000);
});
