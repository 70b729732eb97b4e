import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatKey, type ObjectKey } from '../keys.ts';
import { moreUrgent, type EnqueueReason } from '../jobs/priority.ts';

/** Keys on their way into the queue, each at most once; the sender of one key waits for none of the others. */
export interface PendingKeys {
  /** Never blocks and never throws. */
  add(key: ObjectKey, reason: EnqueueReason): void;
  clear(): void;
  size(): number;
}

/** Keys per call of Redis. */
export const batchSize = 500;

/**
 * @param send hands a batch to the queue
 * @param onFailure is told when a batch could not be sent; what was pending is dropped then, because a resync covers it
 */
export function createPendingKeys(
  send: (keys: readonly ObjectKey[], reason: EnqueueReason) => Promise<void>,
  onFailure: (error: unknown) => void,
): PendingKeys {
  const pending = new Map<string, { key: ObjectKey; reason: EnqueueReason }>();
  let sending = false;

  async function sendAll(): Promise<void> {
    // What one burst of events brings in the same turn of the event loop goes out together.
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
      // In the same turn as the last look at `pending`, so that no key is left lying.
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
