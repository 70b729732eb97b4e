import type { Led } from './leadership.ts';
import type { Tick } from './schedules.ts';

/** A tick that runs while this process leads. */
export function leaderTick(tick: Tick): { tick: Tick; led: Led } {
  let leading = false;
  return {
    tick: { ...tick, run: () => (leading ? tick.run() : undefined) },
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
