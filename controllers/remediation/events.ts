import { isActing, isTerminal, type AegisRemediation, type RemediationPhase } from '../../crds/remediation.ts';
import type { RemediationFacts } from '../../remediation/decision/decide.ts';
import type { RemediationPorts } from './ports.ts';
import { stagesOf } from '../../remediation/attempts/stages.ts';
import type { OwnStatus, Standing } from '../../remediation/attempts/status.ts';

/** Told again when their reason changes: what people wait for or are waited for. */
const announced: ReadonlySet<RemediationPhase> = new Set(['Blocked', 'AwaitingApproval', 'Approved']);

/** Ends that people should look at. */
const warnings: ReadonlySet<RemediationPhase> = new Set(['Failed', 'Expired', 'Ineffective', 'Inconclusive']);

/** Tells the world of an attempt, by metrics and events. */
export function announcing(ports: RemediationPorts) {
  /** Tells what has just been written. */
  function observe(facts: RemediationFacts, standing: Standing, status: OwnStatus): void {
    const { remediation } = facts;
    const { phase, reason } = standing;
    const before = remediation.status?.phase;
    const entered = before !== phase;
    if (entered) ports.observePhase({ remediation, from: before ?? 'Pending', to: phase, reason });
    if (entered && isTerminal(phase)) observeStages({ ...remediation, status }, facts);
    const begins = (phase === 'Submitted' || phase === 'Running') && !isActing(before);
    if (announced.has(phase) || begins || (entered && isTerminal(phase))) announce(facts, standing);
  }

  function announce({ remediation, alert }: RemediationFacts, { phase, message }: Standing): void {
    const type = warnings.has(phase) ? 'Warning' : 'Normal';
    const note = `${remediation.metadata.name}: ${message}`;
    ports.events.record(alert ?? remediation, { type, reason: `Remediation${phase}`, note });
  }

  /** Once for each reminder: what was said before is on record. */
  function remind({ remediation, alert }: RemediationFacts, { reminder, message }: Standing): void {
    if (reminder === undefined || remediation.status?.message?.includes(reminder) === true) return;
    const note = `${remediation.metadata.name}: ${message}`;
    ports.events.record(alert ?? remediation, { type: 'Warning', reason: 'ApprovalReminder', note });
  }

  /** Where the time went; what people start has its own pace. */
  function observeStages(ended: AegisRemediation, { alert, now }: RemediationFacts): void {
    const { spec, status } = ended;
    if (status?.startTime === undefined || spec.requestedBy.via !== 'rule') return;
    ports.observeStages(stagesOf(ended, alert, now));
  }

  return { observe, remind };
}
