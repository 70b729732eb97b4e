const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;

/**
 * How long to wait before a dead process is started again, in milliseconds: 1 s, doubled at every further death up to
 * 30 s. A process that stayed up for a minute starts over at 1 s.
 * @param previousDelayMs the delay before its last start, undefined when it was the first one
 * @param uptimeMs how long it lived this time
 */
export function nextDelayMs(previousDelayMs: number | undefined, uptimeMs: number): number {
  if (previousDelayMs === undefined || uptimeMs >= HEALTHY_AFTER_MS) return FIRST_DELAY_MS;
  return Math.min(previousDelayMs * 2, LONGEST_DELAY_MS);
}
