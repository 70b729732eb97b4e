import type { Clock } from '../../lib/clock.ts';
import { formatKey, type ObjectKey } from '../keys.ts';
import type { RecentKeys } from '../jobs/recent-keys.ts';

/** What a follower may have worked on with an old cache, and has to look at again. */
export interface StaleKeys {
  /** To be called for each change that this process learns of. */
  noteChange(key: ObjectKey): void;
}

/** The leader enqueues the same changes; a run that this causes here in the meantime makes ours unnecessary. */
const waitMs = 50;

/** @param repeat enqueues a key */
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
