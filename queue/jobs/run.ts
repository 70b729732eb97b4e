import type { Clock } from '../../lib/clock.ts';
import { startDeadline } from '../../lib/deadline.ts';
import { errorMessage } from '../../process/error-fields.ts';
import type { Logger } from '../../lib/logger.ts';
import { formatKey, type ObjectKey, type Reconcile } from '../keys.ts';
import type { DeadLetters } from '../dead-letters/store.ts';
import { decide, RunCancelledError, type Decision } from './error-policy.ts';
import type { QueueMetrics } from '../metrics.ts';
import type { Producer } from './producer.ts';
import type { RecentKeys } from './recent-keys.ts';

/** A failed run, with the decision about its retry. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
  readonly decision: Decision;

  constructor(decision: Decision, cause: unknown) {
    super(errorMessage(cause), { cause });
    this.decision = decision;
  }
}

/** The dependencies of a run. */
export interface RunContext {
  readonly reconcile: Reconcile;
  readonly producer: Pick<Producer, 'requeueAfter'>;
  readonly deadLetters: Pick<DeadLetters, 'record' | 'clear'>;
  readonly recent: RecentKeys;
  readonly metrics: QueueMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Milliseconds until the run's signal is aborted. */
  readonly deadlineMs: number;
}

/** Delay before a dead key with an error that may pass is reconciled again. */
const deadLetterRetryMs = 5 * 60_000;

/**
 * Runs a reconcile once and carries out all consequences of its result, except the retry itself.
 *
 * @param attempt 1 for the first
 * @throws RunFailedError
 */
export async function run(context: RunContext, key: ObjectKey, attempt: number, signal: AbortSignal): Promise<void> {
  const { metrics, recent, clock } = context;
  const started = clock.monotonicMs();
  recent.noteStart(key);
  metrics.active.inc({ controller: key.kind });
  try {
    const result = await withDeadline(context, key, signal);
    if (result?.requeueAfterMs !== undefined) await context.producer.requeueAfter(key, result.requeueAfterMs);
    await context.deadLetters.clear(key);
    const outcome = result?.requeueAfterMs === undefined ? 'success' : 'requeue_after';
    metrics.reconciles.inc({ controller: key.kind, result: outcome });
  } catch (error) {
    metrics.reconciles.inc({ controller: key.kind, result: 'error' });
    const cause = signal.aborted ? new RunCancelledError(String(signal.reason), { cause: error }) : error;
    const failure = new RunFailedError(decide(cause, attempt, Math.random), cause);
    await onFailure(context, key, attempt, failure);
    throw failure;
  } finally {
    recent.noteEnd(key);
    metrics.active.dec({ controller: key.kind });
    metrics.duration.observe({ controller: key.kind }, (clock.monotonicMs() - started) / 1_000);
  }
}

/**
 * Runs the reconcile with a deadline. A run that ignores its signal is still awaited: two runs of a key at once would be
 * worse than a late run. The liveness check fails while such a run lasts.
 */
async function withDeadline({ reconcile, deadlineMs }: RunContext, key: ObjectKey, signal: AbortSignal) {
  const deadline = startDeadline(deadlineMs, signal);
  try {
    return await reconcile(key, deadline.signal);
  } catch (error) {
    throw deadline.expired() ? deadline.signal.reason : error;
  } finally {
    deadline.clear();
  }
}

async function onFailure(
  context: RunContext,
  key: ObjectKey,
  attempt: number,
  { decision, cause, message }: RunFailedError,
): Promise<void> {
  const { metrics, logger, clock } = context;
  const fields = { key: formatKey(key), attempt, kind: decision.kind };
  metrics.errors.inc({ controller: key.kind, kind: decision.kind });
  if (decision.next === 'retry') {
    metrics.retries.inc({ queue: key.kind });
    const level = decision.kind === 'conflict' || decision.kind === 'cancelled' ? 'debug' : 'warn';
    logger[level]({ err: cause, ...fields, delayMs: decision.delayMs }, 'Reconcile failed; will retry');
    return;
  }
  logger.error({ err: cause, ...fields }, 'Reconcile failed; recorded as a dead key');
  await context.deadLetters.record({
    key: formatKey(key),
    error: message,
    kind: decision.kind,
    attempts: attempt,
    time: clock.now().toISOString(),
  });
  if (decision.kind !== 'terminal') await context.producer.requeueAfter(key, deadLetterRetryMs);
}
