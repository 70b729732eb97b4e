import type { Clock } from '../../lib/clock.ts';
import { formatKey, type ObjectKey } from '../keys.ts';
import type { RecentKeys } from '../jobs/recent-keys.ts';

/** Keys that a follower may have reconciled with a stale cache, and that must be reconciled again. */
export interface StaleKeys {
  /** Call it for each change that the cache of this process receives. */
  noteChange(key: ObjectKey): void;
}

/** Time for the leader to enqueue the same change; a run that starts here within it makes another unnecessary. */
const waitMs = 50;

/**
 * Creates an empty set of stale keys.
 *
 * @param repeat enqueues a key
 */
export function createStaleKeys(
  recent: RecentKeys,
  clock: Pick<Clock, 'monotonicMs'>,
  repeat: (key: ObjectKey) => void,
): StaleKeys {
  const changed = new Map<string, { key: ObjectKey; at: number }>();

  function settle(): void {
    for (const { key, at } of changed.values()) if (!recent.startedSince(key, at)) repeat(key);
    changed.clear();
  }

  return {
    noteChange: (key) => {
      if (!recent.has(key)) return;
      if (changed.size === 0) setTimeout(settle, waitMs).unref();
      changed.set(formatKey(key), { key, at: clock.monotonicMs() });
    },
  };
}
