import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { alertKey, createBench } from './support/bench.ts';
import { until } from './support/eventually.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer([
    ['cluster-enabled', 'yes'],
    ['cluster-announce-ip', '127.0.0.1'],
  ]);
  // One node that has all slots refuses commands over keys of several slots just as many nodes do.
  await server.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await until(async () => String(await server.client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
}, 120_000);

afterAll(async () => {
  await server.stop();
});

it('works on a Redis Cluster, because all keys of a prefix lie in one slot', async () => {
  const bench = createBench(server.url.replace('redis://', 'redis+cluster://'));
  await bench.ready();
  const runs: string[] = [];
  await bench.startTimers();
  await bench.work(({ name }) => {
    runs.push(name);
    return Promise.resolve(runs.length === 1 ? { requeueAfterMs: 5 } : undefined);
  });
  await bench.producer.enqueue([alertKey('a')], 'change');
  await until(() => runs.length === 2);
  await bench.deadLetters.record({ key: 'alert/monitoring/a', error: 'no', kind: 'unknown', attempts: 1, time: '' });
  expect(await bench.deadLetters.refresh()).toMatchObject({ alert: 1 });
  await bench.close();
});
