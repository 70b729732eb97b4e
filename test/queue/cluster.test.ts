import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePorts } from '../../devcluster/ports.ts';
import { alertKey, createTestQueue } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

let servers: RedisServer[];
const slots = [
  [0, 5_460],
  [5_461, 10_922],
  [10_923, 16_383],
] as const;

beforeAll(async () => {
  const busPorts = (await freePorts(slots.length)).map(String);
  servers = await Promise.all(
    busPorts.map((port) =>
      startRedisServer([
        ['cluster-enabled', 'yes'],
        ['cluster-port', port],
      ]),
    ),
  );
  for (const [index, { client }] of servers.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', ...(slots[index] ?? []).map(String));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const { client } of servers.slice(1))
    await client.call('CLUSTER', 'MEET', '127.0.0.1', String(servers[0]?.port), busPorts[0] ?? '');
  for (const { client } of servers) {
    await until(async () => String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  }
}, 120_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

// Prefixes whose slots the first, the second and the third master have; the worker has the address of the first one only.
it.each(['{b}', '{c}', '{d}'])(
  'the queue works on a Redis Cluster, where all keys of %s lie in one slot',
  async (prefix) => {
    const queue = createTestQueue(`redis+cluster://127.0.0.1:${servers[0]?.port}`, prefix);
    await queue.ready();
    const runs: string[] = [];
    await queue.startTimers();
    await queue.work(({ name }) => {
      runs.push(name);
      return Promise.resolve(runs.length === 1 ? { requeueAfterMs: 5 } : undefined);
    });
    await queue.producer.enqueue([alertKey('a')], 'change');
    await until(() => runs.length === 2);
    await queue.deadLetters.record({ key: 'alert/monitoring/a', error: 'no', kind: 'unknown', attempts: 1, time: '' });
    expect(await queue.deadLetters.refresh()).toMatchObject({ alert: 1 });
    await queue.close();
  },
);
