import { z } from 'zod';
import { backoffMs } from '../../lib/backoff.ts';
import { DeadlineExceededError } from '../../lib/deadline.ts';

/** The retry decision that an error carries; any error may have one in its property `retry`. */
export type Retry =
  /** A later try may succeed; `afterMs` is the delay that the other side asked for. */
  | { readonly kind: 'retryable'; readonly afterMs?: number }
  /** Every further try fails until a user changes something. */
  | { readonly kind: 'terminal' }
  /** Another writer was faster; read again at once. */
  | { readonly kind: 'conflict' };

/** Kinds of failures, as in the label `kind` of the metrics. */
export type FailureKind = Retry['kind'] | 'deadline' | 'cancelled' | 'unknown';

/** The decision about a failed run. */
export interface Decision {
  readonly kind: FailureKind;
  readonly next: 'retry' | 'dead-letter';
  /** Milliseconds until the retry; jitter included. */
  readonly delayMs: number;
}

/** Abort reason of a run that must stop because this worker stops or has lost the job. */
export class RunCancelledError extends Error {
  override readonly name = 'RunCancelledError';
}

const Carrier = z.object({
  retry: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('retryable'), afterMs: z.number().exactOptional() }),
    z.object({ kind: z.literal('terminal') }),
    z.object({ kind: z.literal('conflict') }),
  ]),
});

/** Runs that one job gets before its key becomes a dead key. */
export const maxAttempts = 8;

const backoff = { baseMs: 500, capMs: 30_000 };
/** A conflict ends when the cache has caught up, which takes milliseconds. */
const conflictBackoff = { baseMs: 50, capMs: 2_000 };
/** Longest delay that another server can ask for. */
const maxRetryAfterMs = 5 * 60_000;

/**
 * Decides whether and when a failed run is retried.
 *
 * @param attempt 1 for the first run of the job
 * @param random in [0, 1)
 */
export function decide(error: unknown, attempt: number, random: () => number): Decision {
  const retry = retryOf(error);
  const kind = kindOf(error, retry);
  if (kind === 'terminal' || attempt >= maxAttempts) return { kind, next: 'dead-letter', delayMs: 0 };
  if (kind === 'cancelled') return { kind, next: 'retry', delayMs: 0 };
  if (retry?.kind === 'retryable' && retry.afterMs !== undefined) {
    const delayMs = Math.min(Math.max(retry.afterMs, 0), maxRetryAfterMs);
    return { kind, next: 'retry', delayMs: Math.round(delayMs * (1 + random() * 0.1)) };
  }
  return {
    kind,
    next: 'retry',
    delayMs: Math.round(backoffMs(kind === 'conflict' ? conflictBackoff : backoff, attempt, random)),
  };
}

function kindOf(error: unknown, retry: Retry | undefined): FailureKind {
  if (error instanceof DeadlineExceededError) return 'deadline';
  if (error instanceof RunCancelledError) return 'cancelled';
  return retry?.kind ?? 'unknown';
}

function retryOf(error: unknown): Retry | undefined {
  return Carrier.safeParse(error).data?.retry;
}
