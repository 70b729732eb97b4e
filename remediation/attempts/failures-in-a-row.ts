import type { AegisRemediation, RemediationPhase } from '../../crds/remediation.ts';
import { endOf, isDone, isRecovery } from './history.ts';

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
