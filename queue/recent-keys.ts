import type { Clock } from '../process/clock.ts';
import { formatKey, type ObjectKey } from './contracts.ts';

/**
 * The keys that this process has worked on lately. Its own cache may have been behind then: when it learns of a change of
 * such an object afterwards, the key needs another look, whoever leads.
 */
export interface RecentKeys {
  note(key: ObjectKey): void;
  has(key: ObjectKey): boolean;
}

const windowMs = 30_000;
/** Beyond this the oldest are forgotten early; the resync covers them. */
const maxKeys = 20_000;

export function createRecentKeys(clock: Clock): RecentKeys {
  // Insertion order is order of time, because a key that is noted again moves to the end.
  const noted = new Map<string, number>();
  return {
    note: (key) => {
      const id = formatKey(key);
      const now = clock.monotonicMs();
      noted.delete(id);
      noted.set(id, now);
      for (const [oldest, at] of noted) {
        if (noted.size <= maxKeys && now - at <= windowMs) break;
        noted.delete(oldest);
      }
    },
    has: (key) => {
      const at = noted.get(formatKey(key));
      return at !== undefined && clock.monotonicMs() - at <= windowMs;
    },
  };
}
