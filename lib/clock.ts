import { setTimeout as timeout } from 'node:timers/promises';

/** Time as an argument, so that tests decide what time it is. */
export interface Clock {
  /** Wall-clock time. May jump. */
  now(): Date;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Resolves after that many milliseconds, or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export function systemClock(): Clock {
  return {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    sleep: async (ms, signal) => {
      await timeout(ms, undefined, signal && { signal }).catch(() => undefined);
    },
  };
}
