import type { Check } from '../../../process/checks.ts';
import { errorMessage } from '../../../process/error-fields.ts';
import type { AlertStore } from './alert-store.ts';

/** Milliseconds of failing writes after which other replicas had better take the alerts. */
const failingMs = 10_000;
/** Without a write for this long the last failure says nothing any more; without traffic it would never be disproved. */
const forgetMs = 20_000;

/** A store that remembers whether writing works, and the check that tells. */
export function watchWrites(store: AlertStore, monotonicMs: () => number): { store: AlertStore; check: Check } {
  let failing: { since: number; last: number; error: unknown } | undefined;

  async function observed<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      failing = undefined;
      return result;
    } catch (error) {
      const now = monotonicMs();
      failing = { since: failing?.since ?? now, last: now, error };
      throw error;
    }
  }

  return {
    store: {
      ...store,
      create: (alert, signal) => observed(store.create(alert, signal)),
      change: (alert, change, signal) => observed(store.change(alert, change, signal)),
      writeSeen: (alert, seen, signal) => observed(store.writeSeen(alert, seen, signal)),
    },
    check: {
      name: 'alert-writes',
      check: () => {
        if (failing === undefined || monotonicMs() - failing.last > forgetMs) return undefined;
        const message = `alerts cannot be stored: ${errorMessage(failing.error)}`;
        if (failing.last - failing.since >= failingMs) throw new Error(message);
        return message;
      },
    },
  };
}
