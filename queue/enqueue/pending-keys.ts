import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatKey, type ObjectKey } from '../keys.ts';
import { moreUrgent, type EnqueueReason } from '../jobs/priority.ts';

/** Keys that are about to be enqueued, each at most once. The caller never waits for Redis. */
export interface PendingKeys {
  /** Never blocks and never throws. */
  add(key: ObjectKey, reason: EnqueueReason): void;
  clear(): void;
  size(): number;
}

/** Largest number of keys per command. */
export const batchSize = 500;

/**
 * Creates an empty set of pending keys.
 *
 * @param send enqueues a batch
 * @param onFailure called when a batch could not be sent; pending keys are dropped then, because a resync covers them
 */
export function createPendingKeys(
  send: (keys: readonly ObjectKey[], reason: EnqueueReason) => Promise<void>,
  onFailure: (error: unknown) => void,
): PendingKeys {
  const pending = new Map<string, { key: ObjectKey; reason: EnqueueReason }>();
  let sending = false;

  async function sendAll(): Promise<void> {
    // Keys of one burst of events, added in the same turn of the event loop, are sent together.
    await nextTurn();
    while (pending.size > 0) {
      const batch = [...pending].slice(0, batchSize);
      for (const [id] of batch) pending.delete(id);
      for (const [reason, entries] of Map.groupBy(batch, ([, entry]) => entry.reason)) {
        await send(
          entries.map(([, { key }]) => key),
          reason,
        );
      }
    }
  }

  async function flush(): Promise<void> {
    try {
      await sendAll();
    } catch (error) {
      pending.clear();
      onFailure(error);
    } finally {
      // In the same turn as the last check of `pending`, so that no key is left behind.
      sending = false;
    }
  }

  return {
    add: (key, reason) => {
      const id = formatKey(key);
      const known = pending.get(id);
      pending.set(id, { key, reason: known === undefined ? reason : moreUrgent(known.reason, reason) });
      if (sending) return;
      sending = true;
      void flush();
    },
    clear: () => {
      pending.clear();
    },
    size: () => pending.size,
  };
}
