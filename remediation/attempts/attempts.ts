import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';

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
export function isRehearsal(remediation: AegisRemediation): boolean {
  return isByHand(remediation) && remediation.spec.dryRun === true;
}

/** The number of the next attempt; those that somebody deleted and the alert remembers count as well. */
export function nextAttempt(alert: AegisAlert, attempts: readonly AegisRemediation[]): number {
  const listed = alert.status?.remediations?.length ?? 0;
  return Math.max(listed, ...attempts.map(({ spec }) => spec.attempt)) + 1;
}
