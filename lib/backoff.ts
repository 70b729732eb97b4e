/** Milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Doubles with each failure up to the cap; between half and all of that, so that those who failed together do not come
 * back together.
 *
 * @param failures in a row, 1 for the first
 * @param random in [0, 1)
 */
export function backoffMs({ baseMs, capMs }: Backoff, failures: number, random: () => number): number {
  const full = Math.min(capMs, baseMs * 2 ** (failures - 1));
  return full / 2 + (random() * full) / 2;
}
