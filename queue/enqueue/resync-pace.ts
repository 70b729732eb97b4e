import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectKey } from '../keys.ts';
import type { Producer } from '../jobs/producer.ts';

/** Keys that a resync hands over at once. */
const batchSize = 64;
/** The next batch follows when so few keys wait that the workers will soon have nothing to do. */
const lowWater = 16;
const pollMs = 25;
/** A queue that never gets that short, because of a flood or because no worker runs, gets the next batch all the same. */
const patienceMs = 5_000;

/**
 * Enqueues many keys of a resync no faster than they are worked on. A queue has one order: thousands of keys that only
 * make sure of something must not stand before an alert that has just come in.
 *
 * @param goOn asked before each batch; the rest is dropped when it answers false
 * @returns whether all keys were handed over
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
  for (let waitedMs = 0; waitedMs < patienceMs && goOn(); waitedMs += pollMs) {
    const depths = await Promise.all(kinds.map((kind) => producer.depth(kind)));
    if (depths.every(({ waiting }) => waiting <= lowWater)) return;
    await sleep(pollMs);
  }
}
