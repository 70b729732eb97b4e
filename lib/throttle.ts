import type { Clock } from './clock.ts';

/** Returns a function that runs `act` at most once per `periodMs`; `skipped` is the number of calls dropped since. */
export function throttle<T>(
  periodMs: number,
  clock: Clock,
  act: (value: T, skipped: number) => void,
): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  let skipped = 0;
  return (value) => {
    const now = clock.monotonicMs();
    if (now - last < periodMs) {
      skipped += 1;
      return;
    }
    act(value, skipped);
    last = now;
    skipped = 0;
  };
}
