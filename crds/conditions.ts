import { cutText } from '../lib/text.ts';
import type { ConditionReason } from './reasons.ts';
import type { Condition } from './schema.ts';

/** Types of conditions of all kinds; users and tools match on these words. */
export const conditionTypes = {
  /** AegisAlert: a rule was found and its remediation started. */
  triggered: 'Triggered',
  /** AegisAlert: the sender reported it as resolved. */
  resolved: 'Resolved',
  /** AegisAlert: no update was received within staleAfter. */
  stale: 'Stale',
  /** AegisAlert: it still fires and no further attempt will be made; a user has to act. */
  attemptsExhausted: 'AttemptsExhausted',
  /** AegisAlertOpsRule, AegisOpsTemplate: usable. */
  ready: 'Ready',
  /** AegisRemediation: all gates pass it. */
  admitted: 'Admitted',
  /** AegisRemediation: it has ended. */
  complete: 'Complete',
} as const;

/** The longest message of a condition. */
const maxMessage = 4096;

/**
 * Returns `conditions` with `next` in place of the one of its type. The transition time moves only when the status does, so that
 * writing the same condition again changes nothing.
 */
export function withCondition(
  conditions: readonly Condition[],
  next: Pick<Condition, 'type' | 'status' | 'message'> & {
    reason: ConditionReason;
    observedGeneration?: number | undefined;
  },
  now: Date,
): Condition[] {
  const before = conditions.find(({ type }) => type === next.type);
  const condition: Condition = {
    type: next.type,
    status: next.status,
    ...(next.observedGeneration === undefined ? {} : { observedGeneration: next.observedGeneration }),
    lastTransitionTime: before?.status === next.status ? before.lastTransitionTime : toTime(now),
    reason: next.reason,
    message: cutText(next.message, maxMessage),
  };
  const others = conditions.filter(({ type }) => type !== next.type);
  return [...others, condition].sort((a, b) => a.type.localeCompare(b.type));
}

/** The condition of that type. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Returns a time as the API server writes it: RFC 3339 in whole seconds. */
export function toTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
