import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { errorText } from '../errors.ts';
import type { Log } from '../log.ts';
import { cacheRoot } from './cache.ts';
import { unpackDebianPackages } from './debian.ts';
import { isExecutable } from './find.ts';

const exec = promisify(execFile);

/** A program that was installed or unpacked, and what to lay over its environment. */
export interface UnpackedProgram {
  command: string;
  env: Record<string, string>;
}

/** Finds a redis-server of at least version 6.2 on PATH, or unpacks Debian's into the cache. */
export async function ensureRedisServer(env: NodeJS.ProcessEnv, log: Log): Promise<UnpackedProgram> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const command = join(folder, 'redis-server');
    if (isExecutable(command) && (await isRecentRedis(command))) return { command, env: {} };
  }
  try {
    const unpacked = await unpackDebianPackages(['redis-server'], { cacheDir: cacheRoot(env), log });
    return { command: unpacked.bin('redis-server'), env: unpacked.env };
  } catch (error) {
    throw new Error(
      `Redis 6.2 or newer is needed and cannot be fetched (${errorText(error)}). Install it so that redis-server is on PATH, for example with: apt-get install redis-server, dnf install redis, brew install redis.`,
      { cause: error },
    );
  }
}

/** Prometheus's Alertmanager from Debian, for tests that need a real sender of alerts. */
export async function ensureAlertmanager(env: NodeJS.ProcessEnv, log: Log): Promise<UnpackedProgram> {
  const unpacked = await unpackDebianPackages(['prometheus-alertmanager'], { cacheDir: cacheRoot(env), log });
  return { command: unpacked.bin('prometheus-alertmanager'), env: unpacked.env };
}

async function isRecentRedis(command: string): Promise<boolean> {
  try {
    return isRecentVersion((await exec(command, ['--version'], { timeout: 5_000 })).stdout);
  } catch {
    return false;
  }
}

/** Reads `Redis server v=7.0.15 ...`; true from 6.2 on. */
export function isRecentVersion(output: string): boolean {
  const [, major = 0, minor = 0] = (/v=(\d+)\.(\d+)/.exec(output) ?? []).map(Number);
  return major > 6 || (major === 6 && minor >= 2);
}
