import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { endOf, hasActed, isRecovery } from '../attempts/history.ts';
import { countsForBreaker, failuresInARow, kindOf, ruleOf } from '../attempts/failures-in-a-row.ts';
import type { Gate, GateFacts } from '../gate.ts';
import { onePerson } from './person.ts';
import { policyOf } from './policy.ts';

/**
 * The rule has not failed too often in a row on this kind of target. Then it is left alone for a while; afterwards one
 * attempt at a time may try, the oldest first, and only if a person wants it. What undoes an action goes on.
 */
export const circuitBreaker: Gate = {
  name: 'circuit-breaker',
  ask(facts) {
    const { remediation, now } = facts;
    const { circuitBreaker: breaker } = policyOf(facts);
    if (breaker === undefined || isRecovery(remediation)) return undefined;
    const others = ofItsClass(facts);
    const failures = failuresInARow(others);
    const last = failures[0];
    if (last === undefined || failures.length < breaker.failures) return undefined;
    const what = `${failures.length} attempts of rule ${ruleOf(remediation)} in a row failed, ${last.metadata.name} the last`;
    const until = new Date(endOf(last) + breaker.openForMs);
    if (now < until) return { reason: 'CircuitOpen', message: what, until };
    const first = others.find((other) => goesBefore(other, remediation));
    if (first !== undefined) {
      return { reason: 'CircuitOpen', message: `${what}; ${first.metadata.name} tries first` };
    }
    return onePerson(facts, 'CircuitHalfOpen', `${what}: one person must approve the next try`);
  },
};

/** The other attempts of the same rule on the same kind of target. A template that people start has no rule. */
function ofItsClass({ remediation, world }: GateFacts): readonly AegisRemediation[] {
  const { ruleRef } = remediation.spec;
  if (ruleRef === undefined) return [];
  return world
    .attemptsBy(ruleRef)
    .filter(
      (other) =>
        other.metadata.uid !== remediation.metadata.uid &&
        kindOf(other) === kindOf(remediation) &&
        countsForBreaker(other),
    );
}

/** Reasons for which an attempt is held before it comes to the breaker: others need not wait for that. */
const heldBefore: ReadonlySet<string> = new Set([
  'PolicyInvalid',
  'ApprovalPending',
  'ApproversImpossible',
  'UntrustedAlert',
  'Paused',
  'Silenced',
  'DryRun',
  'MaintenanceWindow',
  'AlertStorm',
  'AttemptsExhausted',
]);

/** The one that acts goes before those that wait, and of these the oldest. */
function goesBefore(other: AegisRemediation, own: AegisRemediation): boolean {
  const { phase, reason = '' } = other.status ?? {};
  if (isTerminal(phase) || heldBefore.has(reason)) return false;
  if (hasActed(other) || phase === 'Approved') return true;
  const order = (other.metadata.creationTimestamp ?? '').localeCompare(own.metadata.creationTimestamp ?? '');
  return order < 0 || (order === 0 && other.metadata.name < own.metadata.name);
}
