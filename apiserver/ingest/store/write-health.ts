import type { Check } from '../../../process/checks.ts';
import { errorMessage } from '../../../process/error-fields.ts';
import type { AlertStore } from './alert-store.ts';

/** Milliseconds of failing writes after which the process is not ready, so that other replicas receive the alerts. */
const failingMs = 10_000;
/** Milliseconds after which a failure is forgotten: without alerts no write would ever succeed again. */
const forgetMs = 20_000;

/** Returns a store that remembers whether writes succeed, and the check that reports it. */
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
