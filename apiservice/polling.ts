import type { Clock } from '../lib/clock.ts';

/** Fits a process's parts. */
export interface PollingPart {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface PollingOptions {
  readonly name: string;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Answers how many milliseconds to wait until the next time. Never rejects. */
  readonly work: (signal: AbortSignal) => Promise<number>;
  /** In [0, 1). */
  readonly random?: () => number;
}

/**
 * Looks again and again, at short intervals: what is due is judged by the wall clock each time, so that neither a
 * suspended machine nor a clock that was set misses it. `start` resolves when it has looked once.
 */
export function createPolling({ name, clock, work, random = Math.random }: PollingOptions): PollingPart {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const pause = (ms: number): Promise<void> =>
    // A little disorder, so that replicas do not all look at the same moment.
    clock.sleep(ms * (0.9 + 0.1 * random()), stopping.signal);
  const go = async (firstMs: number): Promise<void> => {
    await pause(firstMs);
    while (!stopping.signal.aborted) {
      await pause(await work(stopping.signal));
    }
  };
  return {
    name,
    start: async () => {
      const first = work(stopping.signal);
      running = first.then(go);
      await first;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
