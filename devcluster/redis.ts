import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { accepts } from './probe.ts';
import type { Supervisor } from './supervisor.ts';

/** How to run Redis. */
export interface RedisOptions {
  command: string;
  env?: NodeJS.ProcessEnv;
  port: number;
  /** Whether clients must give a password; a random one is made. */
  password: boolean;
}

/** Starts a Redis on loopback that keeps what it is given: no eviction, every write logged. Answers its URL. */
export async function startRedis(supervisor: Supervisor, options: RedisOptions): Promise<string> {
  const dir = join(supervisor.dataDir, 'redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const password = options.password ? randomBytes(16).toString('hex') : undefined;
  const config = join(dir, 'redis.conf');
  const lines = [
    'bind 127.0.0.1',
    `port ${options.port}`,
    `dir "${dir}"`,
    'maxmemory-policy noeviction',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'daemonize no',
    ...(password === undefined ? [] : [`requirepass ${password}`]),
  ];
  // A file and not flags: everybody on the machine can read the arguments of a process.
  writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  await supervisor.start({
    name: 'redis',
    command: options.command,
    args: [config],
    ...(options.env && { env: options.env }),
    ready: () => accepts(options.port, '127.0.0.1'),
  });
  return `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${options.port}`;
}
