import type { Clock } from '../../lib/clock.ts';

/** A clock that stands still until `advance` is called. */
export interface FakeClock extends Clock {
  /** Lets time pass and wakes sleepers in order; work that they start without waiting is done when it resolves. */
  advance(ms: number): Promise<void>;
  /** Acts as if the process had been paused for that time: everything that was due meanwhile happens now. */
  jump(ms: number): Promise<void>;
  /** Milliseconds of each sleep that was asked for. */
  readonly sleeps: readonly number[];
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** @param skewMs how far its wall clock is off */
export function createFakeClock({ skewMs = 0, impatient = false } = {}): FakeClock {
  const start = Date.UTC(2026, 0, 1) + skewMs;
  let nowMs = 0;
  let sleepers: Sleeper[] = [];
  const sleeps: number[] = [];
  const advance = async (ms: number): Promise<void> => {
    const end = nowMs + ms;
    await settle();
    for (;;) {
      const next = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      nowMs = Math.max(nowMs, next.at);
      next.wake();
      await settle();
    }
    nowMs = end;
  };
  return {
    now: () => new Date(start + nowMs),
    monotonicMs: () => nowMs,
    sleep: async (ms, signal) => {
      sleeps.push(ms);
      if (signal?.aborted) return;
      if (impatient) {
        nowMs += ms;
        await settle();
        return;
      }
      await new Promise<void>((resolve) => {
        const sleeper: Sleeper = {
          at: nowMs + ms,
          wake: () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      });
    },
    advance,
    jump: async (ms) => {
      nowMs += ms;
      await advance(0);
    },
    sleeps,
  };
}

/** A clock on which every sleep is over at once, though time has passed. */
export function createImpatientClock(): FakeClock {
  return createFakeClock({ impatient: true });
}

/** Lets promises settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
