import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectKey } from '../keys.ts';
import type { Producer } from '../jobs/producer.ts';

/** Keys that a resync enqueues at once. */
const batchSize = 64;
/** The next batch follows when no more than this number of keys wait, shortly before the workers run idle. */
const lowWater = 16;
const pollMs = 25;
/** The next batch follows after this time even if the queue stays long, because of a flood or because no worker runs. */
const maxPauseMs = 5_000;

/**
 * Enqueues the keys of a resync no faster than the workers reconcile them. A queue has one order: thousands of keys of a
 * resync must not delay an alert that has just been received.
 *
 * @param goOn called before each batch; the rest is dropped when it returns false
 * @returns true when all keys were enqueued
 */
export async function enqueueAtPace(
  producer: Pick<Producer, 'enqueue' | 'depth'>,
  keys: readonly ObjectKey[],
  goOn: () => boolean,
): Promise<boolean> {
  for (let index = 0; index < keys.length; index += batchSize) {
    const batch = keys.slice(index, index + batchSize);
    if (index > 0) await untilShort(producer, batch, goOn);
    if (!goOn()) return false;
    await producer.enqueue(batch, 'resync');
  }
  return true;
}

async function untilShort(
  producer: Pick<Producer, 'depth'>,
  batch: readonly ObjectKey[],
  goOn: () => boolean,
): Promise<void> {
  const kinds = [...new Set(batch.map(({ kind }) => kind))];
  for (let waitedMs = 0; waitedMs < maxPauseMs && goOn(); waitedMs += pollMs) {
    const depths = await Promise.all(kinds.map((kind) => producer.depth(kind)));
    if (depths.every(({ waiting }) => waiting <= lowWater)) return;
    await sleep(pollMs);
  }
}
