import type { AegisAlert } from '../crds/alert.ts';
import { timeMs } from '../lib/time.ts';

/** Returns until when an alert is silenced; undefined when it is not. */
export function silenceOf({ status }: AegisAlert, now: Date): Date | undefined {
  const until = timeMs(status?.silencedUntil);
  return until === undefined || until <= now.getTime() ? undefined : new Date(until);
}

/** Returns `silenced until ... by ...: why`. */
export function describeSilence({ status }: AegisAlert): string {
  const by = status?.silencedBy === undefined ? '' : ` by ${status.silencedBy}`;
  const why = status?.silenceReason === undefined ? '' : `: ${status.silenceReason}`;
  return `silenced until ${status?.silencedUntil ?? ''}${by}${why}`;
}
