import type { KubeObject } from '../../crds/object.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Informer } from './informer.ts';

type AnyInformer = Pick<Informer<KubeObject>, 'start' | 'synced' | 'hasSynced' | 'lastActivity'>;

/** Informers that start and stop together, and what their health means; fits a process's parts and checks. */
export interface InformerSet {
  readonly part: { readonly name: string; start(): Promise<void>; stop(): Promise<void> };
  /** Fails until every cache has been filled once. */
  readonly synced: { readonly name: string; check(): undefined };
  /** Fails when a watch has done nothing for so long that only a restart can help. */
  readonly alive: { readonly name: string; check(): undefined };
}

/** An informer does something at least every three minutes, also while the API server is gone. */
const stuckMs = 10 * 60_000;

/**
 * @param informers by the name that checks call them
 * @param waitForSync whether `start` lasts until all caches are filled, however long that takes
 */
export function informerSet(
  informers: Readonly<Record<string, AnyInformer>>,
  clock: Pick<Clock, 'monotonicMs'>,
  { waitForSync }: { readonly waitForSync: boolean },
): InformerSet {
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  const namesOf = (fails: (informer: AnyInformer) => boolean): string =>
    Object.entries(informers)
      .filter(([, informer]) => fails(informer))
      .map(([name]) => name)
      .join(', ');
  return {
    part: {
      name: 'informers',
      start: async () => {
        const all = Object.values(informers);
        running = Promise.all(all.map((informer) => informer.start(stopping.signal)));
        if (waitForSync) await Promise.all(all.map((informer) => informer.synced));
      },
      stop: async () => {
        stopping.abort();
        await running;
      },
    },
    synced: {
      name: 'informers-synced',
      check: () => {
        const missing = namesOf((informer) => !informer.hasSynced());
        if (missing !== '') throw new Error(`not listed yet: ${missing}`);
        return undefined;
      },
    },
    alive: {
      name: 'informers',
      check: () => {
        const limit = clock.monotonicMs() - stuckMs;
        const stuck = namesOf((informer) => informer.lastActivity() < limit);
        if (stuck !== '') throw new Error(`nothing happens in the watches of ${stuck}`);
        return undefined;
      },
    },
  };
}
