import { isTerminal, type AegisRemediation, type RemediationPhase } from '../../crds/remediation.ts';

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
