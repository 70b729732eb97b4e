import { backoffMs } from '../../lib/backoff.ts';
import { isResolved, type AegisAlert } from '../../crds/alert.ts';
import { toTime } from '../../crds/conditions.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { isUserDryRun } from '../attempts/history.ts';
import { cancelledByUser } from '../approval/cancellation.ts';
import { ladderOf, type TemplateKey } from '../../rules/escalation.ts';
import { ruleName } from '../../rules/match.ts';
import type { AttemptLimits } from '../policies/attempt-limits.ts';
import { timeMs } from '../../lib/time.ts';

/** The end of an attempt that another may follow. */
type Ending =
  /** It was carried out and did not help. */
  | 'Ineffective'
  /** It was carried out in part, or that is unknown. */
  | 'Failed'
  /** Nothing has happened. */
  | 'NotSubmitted'
  /** It was carried out, and its effect is unknown. */
  | 'Inconclusive';

/** The decision about a further attempt of an episode. */
export type NextAttempt =
  /** No further attempt is wanted, or a user decided so. */
  | { outcome: 'none' }
  /** It still fires, and no further attempt is automatic. */
  | { outcome: 'exhausted'; message: string }
  /** At that time, and with that template; without one no rule says with which. */
  | { outcome: 'wait' | 'due'; at: Date; template: TemplateKey | undefined };

export interface NextAttemptFacts {
  alert: AegisAlert;
  /** All attempts of the episode, oldest first. */
  attempts: readonly AegisRemediation[];
  /** The one that counts as the last. */
  last: AegisRemediation;
  limits: AttemptLimits;
  /** The one that matches the alert now. */
  rule: AegisAlertOpsRule | undefined;
  now: Date;
}

/** The longest backoff by doubling; milliseconds. A longer one of a policy is kept. */
const longestBackoffMs = 10 * 60_000;

/** Returns whether the last attempt of an episode needs another at all; cheap, because hardly any does. */
export function callsForMore(alert: AegisAlert, last: AegisRemediation): boolean {
  return !isResolved(alert) && endingOf(last) !== undefined;
}

/**
 * Decides whether an episode that goes on gets one more attempt, when, and with which template; pure. After an attempt
 * that did not help follows the next step of the rule's escalation, whose last step is repeated. An attempt that failed
 * half-way is followed by the next step only: half-done work is not repeated without a check by a user. An attempt that
 * never started is repeated.
 */
export function decideNextAttempt(facts: NextAttemptFacts): NextAttempt {
  const { alert, attempts, last, limits, rule, now } = facts;
  const ending = endingOf(last);
  if (isResolved(alert) || ending === undefined || !limits.verified) return { outcome: 'none' };
  const made = attemptsMade(alert, attempts);
  if (made >= limits.maxAttempts) return exhausted(last, `${made} of ${limits.maxAttempts} attempts were made`);
  if (ending === 'Inconclusive' && last.spec.risk === 'Destructive') {
    return exhausted(last, 'a destructive attempt is not repeated while its effect is unknown');
  }
  const ladder = rule === undefined ? [] : ladderOf(rule);
  const step = nextStep(ending, stepReached(ladder, attempts.filter(counts)), ladder.length);
  if (rule !== undefined && step >= ladder.length) {
    return exhausted(last, `rule ${ruleName(rule)} has no further step, and a failed attempt is not repeated`);
  }
  const at = new Date(endOf(last, now) + backoffOf(made, limits.backoffMs));
  return { outcome: now < at ? 'wait' : 'due', at, template: ladder[step] };
}

/** Returns the backoff after the n-th attempt; milliseconds. */
export function backoffOf(made: number, baseMs: number): number {
  return backoffMs({ baseMs, capMs: Math.max(baseMs, longestBackoffMs) }, Math.max(1, made), withoutJitter);
}

/** An alert has one attempt at a time: jitter would spread nothing, and a message names the time. */
function withoutJitter(): number {
  return 1;
}

/** Returns how many attempts an episode had that acted, or were about to; deleted ones count as well. */
export function attemptsMade(alert: AegisAlert, attempts: readonly AegisRemediation[]): number {
  const names = new Set(attempts.map(({ metadata }) => metadata.name));
  const deleted = (alert.status?.remediations ?? []).filter(
    ({ name, phase }) => !names.has(name) && phase !== 'DryRun' && phase !== 'Superseded',
  );
  return attempts.filter(counts).length + deleted.length;
}

function counts(attempt: AegisRemediation): boolean {
  return attempt.spec.alertStatus === 'Firing' && !isUserDryRun(attempt) && attempt.status?.phase !== 'Superseded';
}

/** Returns why no further attempt is made, for the user who has to look into the alert. */
export function exhausted(last: AegisRemediation, why: string): Extract<NextAttempt, { outcome: 'exhausted' }> {
  const { metadata, status } = last;
  const end = `${metadata.name} is ${status?.phase ?? ''} (${status?.reason ?? ''})`;
  return {
    outcome: 'exhausted',
    message: `the alert still fires, and no further attempt is made automatically: ${end}; ${why}`,
  };
}

/** Returns when a further attempt starts, in words. */
export function describeWait({ at }: { at: Date }): string {
  return `the next attempt starts at ${toTime(at)}`;
}

/** Returns undefined while it goes on, if it helped, or if a user decided that it ends. */
function endingOf({ status }: AegisRemediation): Ending | undefined {
  switch (status?.phase) {
    case 'Ineffective':
      return 'Ineffective';
    case 'Inconclusive':
      return status.reason === cancelledByUser ? undefined : 'Inconclusive';
    case 'Failed':
      return status.workflowRef === undefined ? 'NotSubmitted' : 'Failed';
    default:
      return undefined;
  }
}

/** Returns the highest step of the escalation among the attempts; -1 = none of them was on it. */
function stepReached(ladder: readonly TemplateKey[], attempts: readonly AegisRemediation[]): number {
  const steps = attempts.map(({ spec: { templateRef } }) =>
    ladder.findIndex(({ namespace, name }) => namespace === templateRef.namespace && name === templateRef.name),
  );
  return Math.max(-1, ...steps);
}

/** @param reached -1 when no attempt was on the escalation */
function nextStep(ending: Ending, reached: number, length: number): number {
  switch (ending) {
    case 'Ineffective':
      return Math.min(reached + 1, length - 1);
    case 'Failed':
      return reached + 1;
    case 'NotSubmitted':
    case 'Inconclusive':
      return Math.max(reached, 0);
  }
}

function endOf({ metadata, status }: AegisRemediation, now: Date): number {
  return timeMs(status?.completionTime) ?? timeMs(metadata.creationTimestamp) ?? now.getTime();
}
