import { cutText } from '../lib/text.ts';
import type { ConditionReason } from './reasons.ts';
import type { Condition } from './schema.ts';

/** Types of conditions, one place for all kinds, since users and tools match on these words. */
export const conditionTypes = {
  /** AegisAlert: a rule was found and its remediation started. */
  triggered: 'Triggered',
  /** AegisAlert: the sender said that it is over. */
  resolved: 'Resolved',
  /** AegisAlert: nothing was heard of it for longer than the sender repeats itself. */
  stale: 'Stale',
  /** AegisAlert: it still fires and nothing more is tried by itself; a person has to look. */
  attemptsExhausted: 'AttemptsExhausted',
  /** AegisAlertOpsRule, AegisOpsTemplate: usable. */
  ready: 'Ready',
  /** AegisRemediation: the gates let it pass. */
  admitted: 'Admitted',
  /** AegisRemediation: nothing will happen any more. */
  complete: 'Complete',
} as const;

/** The longest message that is written; a condition is read by people. */
const maxMessage = 4096;

/**
 * `conditions` with `next` in place of the one of its type. The transition time moves only when the status does, so that
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

/** A time as the API server writes it: RFC 3339 in whole seconds. */
export function toTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
