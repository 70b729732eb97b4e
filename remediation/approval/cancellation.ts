import { toTime } from '../../crds/conditions.ts';
import { isTerminal, type AegisRemediation, type Cancellation } from '../../crds/remediation.ts';
import type { DecidingUser } from './approval.ts';

/** The reason of an attempt that a user has cancelled. */
export const cancelledByUser = 'CancelledByUser';

/** What to do with the cancellation of a user. */
export type CancellationDecision =
  | { outcome: 'record'; cancellation: Cancellation }
  /** It was cancelled before. */
  | { outcome: 'unchanged' }
  | { outcome: 'refused'; message: string };

/** Returns whether an attempt can still be cancelled; pure. The caller must make sure that it is still as given. */
export function decideCancellation(
  { status }: AegisRemediation,
  by: Pick<DecidingUser, 'name' | 'via'>,
  comment: string | undefined,
  now: Date,
): CancellationDecision {
  const { phase, cancellation } = status ?? {};
  if (isTerminal(phase)) {
    const own = phase === 'Cancelled' && cancellation?.user === by.name;
    return own ? { outcome: 'unchanged' } : { outcome: 'refused', message: `it is ${phase ?? ''}, which is final` };
  }
  if (cancellation !== undefined) return { outcome: 'unchanged' };
  const words = comment === undefined ? {} : { comment };
  return { outcome: 'record', cancellation: { user: by.name, via: by.via, time: toTime(now), ...words } };
}

/** Returns `... cancelled it`. */
export function describeCancellation({ user, via, comment }: Cancellation): string {
  return `${user} cancelled it (${via})${comment === undefined ? '' : `: ${comment}`}`;
}
