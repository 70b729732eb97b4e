import type { EnqueueLoop } from './enqueue-loop.ts';
import type { Tick } from './schedules.ts';

/** Whoever is told when this process begins to lead, and when it does not any more. */
export type Led = Pick<EnqueueLoop, 'startLeading' | 'stopLeading'>;

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

/** All are told, in this order. */
export function together(...all: readonly Led[]): Led {
  return {
    startLeading: () => {
      for (const one of all) one.startLeading();
    },
    stopLeading: () => {
      for (const one of all) one.stopLeading();
    },
  };
}
