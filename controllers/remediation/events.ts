import { isActing, isTerminal, type AegisRemediation, type RemediationPhase } from '../../crds/remediation.ts';
import { stagesOf } from '../../remediation/attempts/stages.ts';
import type { OwnStatus, Standing } from '../../remediation/attempts/status.ts';
import type { RemediationFacts } from '../../remediation/decision/facts.ts';
import type { RemediationPorts } from './ports.ts';

/** Phases whose every change of reason is an event: users wait for them or are waited for. */
const announced: ReadonlySet<RemediationPhase> = new Set(['Blocked', 'AwaitingApproval', 'Approved']);

/** Phases that a user has to look into. */
const warnings: ReadonlySet<RemediationPhase> = new Set(['Failed', 'Expired', 'Ineffective', 'Inconclusive']);

/** Records the metrics and the event of a standing that was just written. */
export function recordPhaseEvents(
  ports: Pick<RemediationPorts, 'events' | 'observePhase' | 'observeStages'>,
  facts: RemediationFacts,
  standing: Standing,
  status: OwnStatus,
): void {
  const { remediation, alert } = facts;
  const { phase, reason, message } = standing;
  const before = remediation.status?.phase;
  const ends = before !== phase && isTerminal(phase);
  if (before !== phase) ports.observePhase({ remediation, from: before ?? 'Pending', to: phase, reason });
  if (ends) recordStages(ports, { ...remediation, status }, facts);
  if (!announced.has(phase) && !begins(phase, before) && !ends) return;
  const type = warnings.has(phase) ? 'Warning' : 'Normal';
  const note = `${remediation.metadata.name}: ${message}`;
  ports.events.record(alert ?? remediation, { type, reason: `Remediation${phase}`, note });
}

/** Returns whether the attempt begins to act; the verification is a part of that. */
function begins(phase: RemediationPhase, before: RemediationPhase | undefined): boolean {
  return (phase === 'Submitted' || phase === 'Running') && !isActing(before);
}

/** Records the event of a reminder, once for each: an earlier one is in the message on record. */
export function recordReminder(
  { events }: Pick<RemediationPorts, 'events'>,
  { remediation, alert }: RemediationFacts,
  { reminder, message }: Standing,
): void {
  if (reminder === undefined || remediation.status?.message?.includes(reminder) === true) return;
  const note = `${remediation.metadata.name}: ${message}`;
  events.record(alert ?? remediation, { type: 'Warning', reason: 'ApprovalReminder', note });
}

/** Records how long each stage of an attempt took; attempts of users have their own pace and are left out. */
function recordStages(
  ports: Pick<RemediationPorts, 'observeStages'>,
  ended: AegisRemediation,
  { alert, now }: RemediationFacts,
): void {
  const { spec, status } = ended;
  if (status?.startTime === undefined || spec.requestedBy.via !== 'rule') return;
  ports.observeStages(stagesOf(ended, alert, now));
}
