import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Check } from '../../../process/checks.ts';
import type { Runnable } from '../../../lib/runnable.ts';

/** Milliseconds. Discovery must answer within seconds and uses the same event loop as all requests. */
const longestDelayMs = 1_000;

/** Returns a check that fails while the event loop is overloaded; one long pause is not enough. */
export function eventLoopDelay(): { part: Runnable; check: Check } {
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  return {
    part: {
      name: 'event-loop',
      start: () => {
        histogram.enable();
      },
      stop: () => {
        histogram.disable();
      },
    },
    check: {
      name: 'event-loop',
      check: () => {
        const meanMs = histogram.mean / 1e6;
        histogram.reset();
        if (meanMs > longestDelayMs) throw new Error(`the event loop is delayed by ${Math.round(meanMs)} ms`);
        return undefined;
      },
    },
  };
}
