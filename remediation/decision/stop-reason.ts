import { isResolved } from '../../crds/alert.ts';
import type { StopReason } from '../../crds/reasons.ts';
import type { Cancellation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { effectivePolicy } from '../policies/effective.ts';
import { cancelledByUser, describeCancellation } from '../approval/cancellation.ts';
import type { VerificationFacts } from './verification.ts';
import type { WorkflowOutcome } from '../attempts/workflow-outcome.ts';

/** The reason of an attempt whose Workflow is being stopped because its alert is resolved. */
const stopping = 'Stopping';

/** Why a Workflow that acts has to be stopped. */
interface StopCause {
  /** The reason while it is being stopped, and afterwards. */
  ending: StopReason;
  ended: StopReason;
  message: string;
}

/** Returns the outcome of a Workflow that has to be stopped; one that succeeded before keeps its outcome. */
export function withStopReason(
  outcome: WorkflowOutcome,
  facts: Pick<VerificationFacts, 'remediation' | 'alert' | 'cluster' | 'target'> & { workflow: Workflow | undefined },
): WorkflowOutcome {
  if (outcome.phase === 'Succeeded') return outcome;
  const { cancellation } = facts.remediation.status ?? {};
  const cause = cancellation === undefined ? endOfAlert(outcome, facts) : byPerson(cancellation);
  if (cause === undefined) return outcome;
  const message = `${cause.message}; ${outcome.message}`;
  if (outcome.phase === 'Failed') return { ...outcome, phase: 'Cancelled', reason: cause.ended, message };
  return { ...outcome, reason: cause.ending, message, stop: true };
}

function byPerson(cancellation: Cancellation): StopCause {
  return { ending: 'Cancelling', ended: cancelledByUser, message: describeCancellation(cancellation) };
}

/** A Workflow that failed before it was asked to stop keeps its outcome. */
function endOfAlert(outcome: WorkflowOutcome, facts: Parameters<typeof withStopReason>[1]): StopCause | undefined {
  const { remediation, alert, target, workflow, cluster } = facts;
  const { spec, status } = remediation;
  if (alert?.metadata.uid !== spec.alertRef.uid || spec.alertStatus === 'Resolved') return undefined;
  if (!isResolved(alert)) return undefined;
  if (effectivePolicy(cluster.policies(), { remediation, alert, target }).onResolve !== 'Stop') return undefined;
  const wasTold = status?.reason === stopping || workflow?.spec?.['shutdown'] !== undefined;
  if (outcome.phase === 'Failed' && !wasTold) return undefined;
  return {
    ending: stopping,
    ended: 'AlertResolved',
    message: 'the alert was resolved, and a policy says onResolve: Stop',
  };
}
