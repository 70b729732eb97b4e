import type { AegisAlert } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation, type RemediationPhase } from '../../crds/remediation.ts';

/** Order of attempts: the oldest first. */
export function byAge(a: AegisRemediation, b: AegisRemediation): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return left.localeCompare(right) || a.spec.attempt - b.spec.attempt || a.metadata.name.localeCompare(b.metadata.name);
}

/** Returns whether a user requested it, and not a rule. */
export function isByHand({ spec }: AegisRemediation): boolean {
  return spec.requestedBy.via !== 'rule';
}

/** Returns whether it is the dry run of a user, which is none of the attempts of the alert. */
export function isUserDryRun(remediation: AegisRemediation): boolean {
  return isByHand(remediation) && remediation.spec.dryRun === true;
}

/** Returns the number of the next attempt; deleted attempts that the alert lists count as well. */
export function nextAttempt(alert: AegisAlert, attempts: readonly AegisRemediation[]): number {
  const listed = alert.status?.remediations?.length ?? 0;
  return Math.max(listed, ...attempts.map(({ spec }) => spec.attempt)) + 1;
}

/** Returns whether its Workflow was submitted: before that it has changed nothing. */
export function hasActed({ status }: AegisRemediation): boolean {
  return status?.workflowRef !== undefined || status?.startTime !== undefined;
}

/** Returns whether it has ended and has acted. */
export function isDone(remediation: AegisRemediation): boolean {
  return isTerminal(remediation.status?.phase) && hasActed(remediation);
}

/** Returns when it ended, or the last time that is known of it; milliseconds since 1970. */
export function endOf({ metadata, status }: AegisRemediation): number {
  const { completionTime, startTime } = status ?? {};
  return Date.parse(completionTime ?? startTime ?? metadata.creationTimestamp ?? '') || 0;
}

/** Phases that say in the list of an alert, where nothing else is known, that something was done. */
const acting: ReadonlySet<RemediationPhase> = new Set([
  'Submitted',
  'Running',
  'Verifying',
  'Succeeded',
  'Failed',
  'Inconclusive',
  'Ineffective',
]);

/** Whether an attempt of which only the phase is remembered has acted, or may have. */
export function mayHaveActed(phase: string): boolean {
  return acting.has(phase as RemediationPhase);
}

/** Returns whether it undoes an earlier action once the alert is resolved. */
export function isRecovery({ spec }: AegisRemediation): boolean {
  return spec.alertStatus === 'Resolved';
}

const failed: ReadonlySet<RemediationPhase> = new Set(['Failed', 'Ineffective']);

/** Returns whether an attempt counts for a circuit breaker: dry runs and recoveries say nothing about the action. */
export function countsForBreaker(remediation: AegisRemediation): boolean {
  return remediation.spec.dryRun !== true && !isRecovery(remediation);
}

/** The failures since the last success, newest first. Attempts that neither helped nor failed do not count. */
export function failuresInARow(attempts: readonly AegisRemediation[]): AegisRemediation[] {
  const done = attempts.filter(isDone).sort((a, b) => endOf(b) - endOf(a));
  const success = done.findIndex(({ status }) => status?.phase === 'Succeeded');
  return done
    .slice(0, success === -1 ? done.length : success)
    .filter(({ status }) => status?.phase !== undefined && failed.has(status.phase));
}

/** Returns the kind of the target, in lower case; breakers do not mix kinds. */
export function kindOf({ spec }: AegisRemediation): string {
  return spec.target?.kind?.toLowerCase() ?? '';
}

/** Returns the rule as namespace/name; empty when a user requested the template itself. */
export function ruleOf({ spec }: AegisRemediation): string {
  return spec.ruleRef === undefined ? '' : `${spec.ruleRef.namespace}/${spec.ruleRef.name}`;
}
