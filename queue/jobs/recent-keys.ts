import type { Clock } from '../../lib/clock.ts';
import { formatKey, type ObjectKey } from '../keys.ts';

/**
 * The keys that this process reconciled recently, possibly with a stale cache. When the cache then receives a change of
 * such an object, the key must be reconciled again, even if this process is not the leader.
 */
export interface RecentKeys {
  noteStart(key: ObjectKey): void;
  noteEnd(key: ObjectKey): void;
  has(key: ObjectKey): boolean;
  /** Returns true when a run began at or after `time` (monotonic milliseconds): it has read the cache of that time. */
  startedSince(key: ObjectKey, time: number): boolean;
}

const windowMs = 30_000;
/** Above this number the oldest keys are forgotten early; the resync covers them. */
const maxKeys = 20_000;

/** Creates an empty set of recent keys. */
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
