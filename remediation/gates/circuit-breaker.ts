import type { AttemptReason } from '../../crds/reasons.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { countsForBreaker, endOf, failuresInARow, hasActed, isRecovery, kindOf, ruleOf } from '../attempts/history.ts';
import type { Gate, GateFacts } from '../gate.ts';
import { oneUser } from './one-user.ts';

/** The reason of an attempt that the breaker holds back, or that lets another one try first. */
const circuitOpen = 'CircuitOpen';

/**
 * Blocks a rule that has failed too often in a row on this kind of target: all of it for a while; afterwards one
 * attempt at a time may try, the oldest first, and only with the approval of a user. Recoveries pass.
 *
 * @param earlier the gates that are evaluated before it: an attempt that one of them blocks does not hold back others
 * here
 */
export function circuitBreakerAfter(
  earlier: readonly Gate[],
): Gate<typeof circuitOpen | 'CircuitHalfOpen' | 'ApprovalExpired'> {
  const heldEarlier = new Set<AttemptReason>(earlier.flatMap(({ reasons }) => reasons));
  return {
    name: 'circuit-breaker',
    reasons: [circuitOpen, 'CircuitHalfOpen', 'ApprovalExpired'],
    ask(facts) {
      const { remediation, now } = facts;
      const { circuitBreaker: breaker } = facts.policy;
      if (breaker === undefined || isRecovery(remediation)) return undefined;
      const others = ofItsClass(facts);
      const failures = failuresInARow(others);
      const last = failures[0];
      if (last === undefined || failures.length < breaker.failures) return undefined;
      const what = `${failures.length} attempts of rule ${ruleOf(remediation)} failed in a row, ${last.metadata.name} the last`;
      const until = new Date(endOf(last) + breaker.openForMs);
      if (now < until) return { reason: circuitOpen, message: what, until };
      const first = others.find((other) => goesBefore(other, remediation, heldEarlier));
      if (first !== undefined) {
        return { reason: circuitOpen, message: `${what}; ${first.metadata.name} goes first` };
      }
      return oneUser(facts, 'CircuitHalfOpen', `${what}: one user must approve the next attempt`);
    },
  };
}

/** Whether an attempt waits until the breaker of its rule closes or lets it try. */
export function waitsForBreaker({ status }: AegisRemediation): boolean {
  return status?.phase === 'Blocked' && status.reason === circuitOpen;
}

/** Returns the other attempts of the same rule on the same kind of target. A template that a user starts has no rule. */
function ofItsClass({ remediation, cluster }: GateFacts): readonly AegisRemediation[] {
  const { ruleRef } = remediation.spec;
  if (ruleRef === undefined) return [];
  return cluster
    .attemptsBy(ruleRef)
    .filter(
      (other) =>
        other.metadata.uid !== remediation.metadata.uid &&
        kindOf(other) === kindOf(remediation) &&
        countsForBreaker(other),
    );
}

/** Returns whether an attempt goes first: one that acts goes before those that wait, and of these the oldest. */
function goesBefore(other: AegisRemediation, own: AegisRemediation, heldEarlier: ReadonlySet<AttemptReason>): boolean {
  const { phase, reason } = other.status ?? {};
  if (isTerminal(phase) || (reason !== undefined && heldEarlier.has(reason))) return false;
  if (hasActed(other) || phase === 'Approved') return true;
  const order = (other.metadata.creationTimestamp ?? '').localeCompare(own.metadata.creationTimestamp ?? '');
  return order < 0 || (order === 0 && other.metadata.name < own.metadata.name);
}
