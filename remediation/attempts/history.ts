import type { AegisAlert } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation, type RemediationPhase } from '../../crds/remediation.ts';

/** Order of attempts: the oldest first. */
export function byAge(a: AegisRemediation, b: AegisRemediation): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return left.localeCompare(right) || a.spec.attempt - b.spec.attempt || a.metadata.name.localeCompare(b.metadata.name);
}

/** Whether a person asked for it; a rule asks by itself. */
export function isByHand({ spec }: AegisRemediation): boolean {
  return spec.requestedBy.via !== 'rule';
}

/** What a person tried without acting: the alert waits for its attempt as if nothing had been. */
export function isUserDryRun(remediation: AegisRemediation): boolean {
  return isByHand(remediation) && remediation.spec.dryRun === true;
}

/** The number of the next attempt; those that somebody deleted and the alert remembers count as well. */
export function nextAttempt(alert: AegisAlert, attempts: readonly AegisRemediation[]): number {
  const listed = alert.status?.remediations?.length ?? 0;
  return Math.max(listed, ...attempts.map(({ spec }) => spec.attempt)) + 1;
}

/** Whether its Workflow was submitted: before that it has done nothing to anything. */
export function hasActed({ status }: AegisRemediation): boolean {
  return status?.workflowRef !== undefined || status?.startTime !== undefined;
}

/** Whether it is over and has done something. */
export function isDone(remediation: AegisRemediation): boolean {
  return isTerminal(remediation.status?.phase) && hasActed(remediation);
}

/** When it ended, or the last that is known of it; milliseconds since 1970. */
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

/** What undoes an earlier action when the alert is over. */
export function isRecovery({ spec }: AegisRemediation): boolean {
  return spec.alertStatus === 'Resolved';
}

const failed: ReadonlySet<RemediationPhase> = new Set(['Failed', 'Ineffective']);

/** Whether a circuit breaker looks at an attempt: rehearsals, and what undoes an action, say nothing about the action. */
export function countsForBreaker(remediation: AegisRemediation): boolean {
  return remediation.spec.dryRun !== true && !isRecovery(remediation);
}

/** The failures since the last success, newest first. What neither helped nor failed says nothing. */
export function failuresInARow(attempts: readonly AegisRemediation[]): AegisRemediation[] {
  const done = attempts.filter(isDone).sort((a, b) => endOf(b) - endOf(a));
  const success = done.findIndex(({ status }) => status?.phase === 'Succeeded');
  return done
    .slice(0, success === -1 ? done.length : success)
    .filter(({ status }) => status?.phase !== undefined && failed.has(status.phase));
}

/** The kind that is acted upon, in lower case; breakers do not mix kinds. */
export function kindOf({ spec }: AegisRemediation): string {
  return spec.target?.kind?.toLowerCase() ?? '';
}

/** The rule as namespace/name; empty when people asked for the template itself. */
export function ruleOf({ spec }: AegisRemediation): string {
  return spec.ruleRef === undefined ? '' : `${spec.ruleRef.namespace}/${spec.ruleRef.name}`;
}
