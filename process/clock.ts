/** Time as an argument, so that tests decide what time it is. */
export interface Clock {
  /** Wall-clock time: what people and other machines mean. May jump. */
  now(): Date;
  /** Milliseconds since an arbitrary start; never goes back. For durations and deadlines. */
  monotonicMs(): number;
}

/** The clock of this machine. */
export function systemClock(): Clock {
  return { now: () => new Date(), monotonicMs: () => performance.now() };
}
