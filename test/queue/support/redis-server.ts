import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ensureRedisServer } from '../../../devcluster/binaries/redis-server.ts';
import { freePorts } from '../../../devcluster/ports.ts';

/** A real Redis of a test's own, which the test may kill, wipe and misconfigure. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** A connection to look at what is in it. */
  readonly client: Redis;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** @param settings more lines of redis.conf, as `['cluster-enabled', 'yes']` */
export async function startRedisServer(settings: readonly (readonly [string, string])[] = []): Promise<RedisServer> {
  const { command, env } = await ensureRedisServer(process.env, () => undefined);
  const dir = await mkdtemp(join(tmpdir(), 'aegis-redis-'));
  const [port = 0] = await freePorts(1);
  const all = [
    ['bind', '127.0.0.1'],
    ['port', String(port)],
    ['dir', dir],
    ['save', ''],
    ['appendonly', 'yes'],
    ['maxmemory-policy', 'noeviction'],
    ...settings,
  ];
  let child: ChildProcess | undefined;
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 });
  client.on('error', () => undefined);

  async function start(): Promise<void> {
    const args = all.flatMap(([name = '', value = '']) => [`--${name}`, value]);
    child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
    while (!(await answers(port))) await sleep(20);
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  await start();
  await client.connect();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    kill,
    start,
    stop: async () => {
      client.disconnect();
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const probe = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  probe.on('error', () => undefined);
  try {
    await probe.connect();
    await probe.ping();
    return true;
  } catch {
    return false;
  } finally {
    probe.disconnect();
  }
}
