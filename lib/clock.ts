import { setTimeout as timeout } from 'node:timers/promises';

/** The source of time, passed as an argument so that tests control it. */
export interface Clock {
  /** Returns wall-clock time, which may jump. */
  now(): Date;
  /** Returns milliseconds since an arbitrary start; never decreases. */
  monotonicMs(): number;
  /** Resolves after that many milliseconds, or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Returns the clock of this machine. */
export function systemClock(): Clock {
  return {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    sleep: async (ms, signal) => {
      await timeout(ms, undefined, signal && { signal }).catch(() => undefined);
    },
  };
}
