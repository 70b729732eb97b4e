/** Bounds of a growing delay, in milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Returns the delay before the next try: it doubles with each failure up to the cap. Jitter takes it to between half and
 * all of that, so that clients that failed together do not retry together.
 *
 * @param failures number of failures in a row, 1 for the first
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function backoffMs({ baseMs, capMs }: Backoff, failures: number, random: () => number): number {
  const full = Math.min(capMs, baseMs * 2 ** (failures - 1));
  return full / 2 + (random() * full) / 2;
}
