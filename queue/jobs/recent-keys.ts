import type { Clock } from '../../lib/clock.ts';
import { formatKey, type ObjectKey } from '../keys.ts';

/**
 * The keys that this process has worked on lately. Its own cache may have been behind then: when it learns of a change of
 * such an object afterwards, the key needs another look, whoever leads.
 */
export interface RecentKeys {
  noteStart(key: ObjectKey): void;
  noteEnd(key: ObjectKey): void;
  has(key: ObjectKey): boolean;
  /** Whether a run began at or after that time, in monotonic milliseconds: it has seen what was in the cache then. */
  startedSince(key: ObjectKey, time: number): boolean;
}

const windowMs = 30_000;
/** Beyond this the oldest are forgotten early; the resync covers them. */
const maxKeys = 20_000;

export function createRecentKeys(clock: Pick<Clock, 'monotonicMs'>): RecentKeys {
  // Insertion order is order of time, because a key that is noted again moves to the end.
  const noted = new Map<string, { at: number; started: number }>();

  function note(key: ObjectKey, startsNow: boolean): void {
    const id = formatKey(key);
    const now = clock.monotonicMs();
    const started = startsNow ? now : (noted.get(id)?.started ?? now);
    noted.delete(id);
    noted.set(id, { at: now, started });
    for (const [oldest, { at }] of noted) {
      if (noted.size <= maxKeys && now - at <= windowMs) break;
      noted.delete(oldest);
    }
  }

  return {
    noteStart: (key) => {
      note(key, true);
    },
    noteEnd: (key) => {
      note(key, false);
    },
    has: (key) => {
      const known = noted.get(formatKey(key));
      return known !== undefined && clock.monotonicMs() - known.at <= windowMs;
    },
    startedSince: (key, time) => (noted.get(formatKey(key))?.started ?? Number.NEGATIVE_INFINITY) >= time,
  };
}
