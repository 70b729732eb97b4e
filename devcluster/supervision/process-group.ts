import { setTimeout as sleep } from 'node:timers/promises';

import { errorCode } from '../errors.ts';
import { isAlive, type ProcessIdentity } from './identity.ts';

const POLL_MS = 25;

/** Sends a signal to a whole process group; returns false when no process is left in it. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    // EPERM: on macOS a group of zombies only, elsewhere a group that is not ours.
    if (['ESRCH', 'EPERM'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/**
 * Ends process groups: SIGTERM, up to `graceMs` for the leaders to end, then SIGKILL for every process that is left. A leader
 * whose pid meanwhile belongs to another process is left alone.
 */
export async function endGroups(leaders: readonly ProcessIdentity[], graceMs: number): Promise<void> {
  const living = leaders.filter(isAlive);
  for (const leader of living) signalGroup(leader.pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (living.some(isAlive) && Date.now() < deadline) await sleep(POLL_MS);
  for (const leader of living) signalGroup(leader.pid, 'SIGKILL');
  while (living.some(isAlive)) await sleep(POLL_MS);
}
