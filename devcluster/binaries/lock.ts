import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import { identify, isAlive, type ProcessIdentity } from '../supervision/identity.ts';

const POLL_MS = 250;

/**
 * Runs `work` while this process holds the lock file `path`; waits for other processes that hold it, says so once, and
 * takes over from one that died. Not for use twice in one process at the same time.
 */
export async function withLock<T>(path: string, log: Log, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)));
  try {
    await acquire(path, mine, log);
    try {
      return await work();
    } finally {
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

async function acquire(path: string, mine: string, log: Log): Promise<void> {
  let said = false;
  while (!link(mine, path)) {
    const holder = readHolder(path);
    if (holder !== undefined && !isAlive(holder)) {
      breakLock(path, `${mine}.stale`);
      continue;
    }
    if (!said && holder !== undefined) log(`Waiting for process ${holder.pid}, which holds ${path}`);
    said = true;
    await sleep(POLL_MS);
  }
}

/** A hard link appears in one step together with its content, so there is never a lock without a holder. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Moves a dead holder's lock away; should a living one have taken it in between, puts it back. */
function breakLock(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && isAlive(moved)) link(aside, path);
  rmSync(aside, { force: true });
}
