import { z } from 'zod';
import { backoffMs } from '../../lib/backoff.ts';

/** The retry decision that an error carries; any error may have one in its property `retry`. */
export type Retry =
  /** It may pass; `afterMs` when the other side said how long to wait. */
  | { readonly kind: 'retryable'; readonly afterMs?: number }
  /** It stays wrong until somebody changes something. */
  | { readonly kind: 'terminal' }
  /** Somebody else was faster; look again at once. */
  | { readonly kind: 'conflict' };

/** Kinds of failures, as metric labels have them. */
export type FailureKind = Retry['kind'] | 'deadline' | 'cancelled' | 'unknown';

/** What to do with a failed run. */
export interface Decision {
  readonly kind: FailureKind;
  readonly next: 'retry' | 'dead-letter';
  /** Milliseconds until the retry; jitter included. */
  readonly delayMs: number;
}

/** Thrown into a run whose time is up. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';
}

/** Thrown into a run that has to stop because this worker stops or has lost the job. */
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

/** Attempts that one job gets before it becomes a dead letter. */
export const maxAttempts = 8;

const backoff = { baseMs: 500, capMs: 30_000 };
/** A conflict is over when the cache has caught up, which takes milliseconds. */
const conflictBackoff = { baseMs: 50, capMs: 2_000 };
/** No answer of another server makes a key wait longer than this. */
const maxRetryAfterMs = 5 * 60_000;

/**
 * Decides about a failed run; the only place that does.
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
