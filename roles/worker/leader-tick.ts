import type { Led } from './leadership.ts';
import type { PeriodicOptions } from '../../lib/periodic.ts';

/** Periodic work of a worker. */
type Tick = Pick<PeriodicOptions, 'name' | 'periodMs'> & { work: () => Promise<void> | void };

/** Returns a tick that works only while this process leads. */
export function leaderTick(tick: Tick): { tick: Tick; led: Led } {
  let leading = false;
  return {
    tick: { ...tick, work: () => (leading ? tick.work() : undefined) },
    led: {
      startLeading: () => {
        leading = true;
      },
      stopLeading: () => {
        leading = false;
      },
    },
  };
}
