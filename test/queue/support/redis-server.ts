import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

/** Lines of redis.conf, as `['cluster-enabled', 'yes']`. */
export type Settings = readonly (readonly [name: string, value: string])[];

export interface Credentials {
  password?: string;
  tls?: { ca: Buffer };
}

/** How a server differs from the usual one. */
export interface ServerKind {
  /** Watches other servers and holds no data. */
  sentinel?: boolean;
  /** Credentials of the test's own connection; with `tls` the port accepts only TLS. */
  client?: Credentials;
}

const keepsData: Settings = [
  ['save', '""'],
  ['appendonly', 'yes'],
  ['maxmemory-policy', 'noeviction'],
];

export async function startRedisServer(settings: Settings = [], kind: ServerKind = {}): Promise<RedisServer> {
  const { command, env } = await ensureRedisServer(process.env, () => undefined);
  const dir = await mkdtemp(join(tmpdir(), 'aegis-redis-'));
  const [port = 0] = await freePorts(1);
  const tls = kind.client?.tls !== undefined;
  const lines: Settings = [
    ['bind', '127.0.0.1'],
    ['port', tls ? '0' : String(port)],
    ...(tls ? ([['tls-port', String(port)]] as const) : []),
    ['dir', dir],
    ...(kind.sentinel === true ? [] : keepsData),
    ...settings,
  ];
  const config = join(dir, 'redis.conf');
  await writeFile(config, lines.map((line) => `${line.join(' ')}\n`).join(''));
  const client = new Redis({ ...kind.client, port, host: '127.0.0.1', retryStrategy: () => 50 });
  client.on('error', () => undefined);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const args = kind.sentinel === true ? [config, '--sentinel'] : [config];
    child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
    while (client.status !== 'ready') {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      await sleep(20);
    }
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    // Else the next start would take the old connection for its own.
    while (client.status === 'ready') await sleep(1);
  }

  await start();
  return {
    url: `redis${tls ? 's' : ''}://127.0.0.1:${port}`,
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
