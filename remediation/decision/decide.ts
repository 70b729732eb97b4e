import { timeMs } from '../../lib/time.ts';
import { isResolved, type AegisAlert } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { approvalStateOf } from '../approval/approval.ts';
import { cancelledByUser, describeCancellation } from '../approval/cancellation.ts';
import { demandUnder } from '../approval/demand.ts';
import { isRecovery } from '../attempts/history.ts';
import { workflowRefOf, type Standing } from '../attempts/status.ts';
import { hasEnded, outcomeOf } from '../attempts/workflow-outcome.ts';
import { workflowVerdict } from '../attempts/workflow-verdict.ts';
import type { TargetFacts } from '../cluster-view.ts';
import { withPolicy, type GateFacts } from '../gate.ts';
import { askGates } from '../gates/index.ts';
import { supersededByRisk, supersederByRisk } from '../locks/superseded-by-risk.ts';
import { dryRunOutcome } from './dry-run.ts';
import { afterFailedSubmission } from './failed-submission.ts';
import type { RemediationFacts } from './facts.ts';
import { held, record, type RemediationPlan } from './remediation-plan.ts';
import { withStopReason } from './stop-reason.ts';
import { supersededByUser, supersederByUser } from './superseded-by-user.ts';
import { verify } from './verification.ts';

/** Returns the next step of an attempt, or the fact that has to be read before; pure. */
export function decideRemediation(facts: RemediationFacts): RemediationPlan {
  const { remediation, workflow, run } = facts;
  const { phase, workflowRef } = remediation.status ?? {};
  if (isTerminal(phase)) return actsInVain(facts) ? { action: 'stop' } : { action: 'settled' };
  // Its Workflow has succeeded, also if it was deleted since.
  if (phase === 'Verifying') return judge(facts);
  // A Workflow that exists was submitted, also if the worker died before it could record that.
  if (workflowRef !== undefined || workflow !== undefined) return followWorkflow(facts);
  if (run.submission !== undefined) return afterFailedSubmission(facts, run.submission);
  const plan = beforeSubmission(facts);
  return endsUnsubmitted(remediation, plan) && run.workflowRead !== true ? { action: 'need', what: 'workflow' } : plan;
}

/** Returns whether an attempt ends, or loses its approval, although a Workflow may exist that no cache has yet. */
function endsUnsubmitted({ status }: AegisRemediation, plan: RemediationPlan): boolean {
  if (plan.action !== 'record') return false;
  const { phase } = plan.standing;
  return (
    phase === 'Cancelled' ||
    phase === 'Rejected' ||
    phase === 'Expired' ||
    phase === 'Superseded' ||
    (status?.phase === 'Approved' && (phase === 'Blocked' || phase === 'AwaitingApproval'))
  );
}

function actsInVain({ remediation, workflow }: RemediationFacts): boolean {
  const { phase, workflowRef } = remediation.status ?? {};
  const decidedAgainst = phase === 'Cancelled' || phase === 'Rejected' || phase === 'Expired' || phase === 'Superseded';
  // An attempt that failed without a Workflow may be followed by another one, and must not act beside it.
  return (
    (decidedAgainst || phase === 'Failed') && workflowRef === undefined && workflow !== undefined && !hasEnded(workflow)
  );
}

function beforeSubmission(facts: RemediationFacts): RemediationPlan {
  const { remediation, alert, siblings } = facts;
  const over = whyOver(remediation, alert);
  if (over !== undefined || alert === undefined) return record(over ?? alertDeleted);
  const first = supersederByUser(remediation, siblings);
  if (first !== undefined) return record({ phase: 'Superseded', ...supersededByUser(first) });
  const asked = withPolicy({ ...facts, alert });
  if (remediation.spec.dryRun === true) {
    const { dryRun } = facts.run;
    return dryRun === undefined ? { action: 'need', what: 'dryRun' } : record(dryRunOutcome(asked, dryRun.refusal));
  }
  const stronger = supersederByRisk(remediation, facts.cluster);
  if (stronger !== undefined) return record({ phase: 'Superseded', ...supersededByRisk(stronger) });
  const blocked = askGates(asked);
  if (blocked === undefined) return admit(asked);
  return held(blocked.answer);
}

/**
 * Approvals and rejections are accepted until phase Approved, which is persisted before the Workflow is created: a
 * rejection is either in time or refused, never accepted and ignored.
 */
function admit(facts: RemediationFacts & GateFacts): RemediationPlan {
  const { remediation, now, revoked } = facts;
  const { phase } = remediation.status ?? {};
  const demand = demandUnder(facts.policy.approval, remediation, now);
  const { state, approvers } = approvalStateOf(remediation, now, { demand, revoked });
  const heard = state !== 'NotNeeded' || approvers.length > 0 || phase === 'AwaitingApproval';
  if (!heard || phase === 'Approved') return submit(facts);
  const message = approvers.length === 0 ? 'no approval is required any more' : `approved by ${approvers.join(', ')}`;
  return { ...record({ phase: 'Approved', reason: 'ApprovalGranted', message }), decideAgain: true };
}

function submit({ remediation, target, run }: RemediationFacts): RemediationPlan {
  if (mayHaveChanged(remediation, target) && run.targetRead !== true) return { action: 'need', what: 'target' };
  return run.cached ? { action: 'submit' } : { action: 'need', what: 'cache' };
}

/**
 * Returns whether the target of an attempt that has waited may be another object by now. Of nodes the cache has the
 * answer. An attempt that undoes an action is wanted all the same: an alert about a pod may be over because the pod is
 * gone.
 */
function mayHaveChanged(remediation: AegisRemediation, target: TargetFacts): boolean {
  const { spec, status } = remediation;
  const uid = spec.target?.uid ?? '';
  return status?.phase !== undefined && uid !== '' && !target.known && !isRecovery(remediation);
}

const alertDeleted: Standing = {
  phase: 'Cancelled',
  reason: 'AlertDeleted',
  message: 'the alert was deleted before the Workflow was submitted',
};

function whyOver({ spec, status }: AegisRemediation, alert: AegisAlert | undefined): Standing | undefined {
  const { cancellation, phase } = status ?? {};
  if (cancellation !== undefined) {
    return { phase: 'Cancelled', reason: cancelledByUser, message: describeCancellation(cancellation) };
  }
  if (alert?.metadata.uid !== spec.alertRef.uid) return alertDeleted;
  if (spec.alertStatus === 'Resolved' || !isResolved(alert)) return undefined;
  const message = 'the alert was resolved before the Workflow was submitted';
  // A question that the resolve has answered needs no answer of a user.
  return { phase: phase === 'AwaitingApproval' ? 'Superseded' : 'Cancelled', reason: 'AlertResolved', message };
}

function followWorkflow(facts: RemediationFacts): RemediationPlan {
  const { workflow, deadlines, now } = facts;
  const outcome = outcomeOf(workflow, { deadlines, submittedAt: submittedAt(facts), now });
  const { stop, deadline, ...standing } = withStopReason(outcome, facts);
  if (standing.phase === 'Succeeded') {
    const verdict = workflow && workflowVerdict(workflow);
    return verdict === undefined ? judge(facts) : record({ ...verdict, ...workflowOf(facts) });
  }
  return { ...record({ ...standing, ...workflowOf(facts) }, deadline), stop: stop === true };
}

/** Returns the standing of an attempt whose Workflow has succeeded. */
function judge(facts: RemediationFacts): RemediationPlan {
  const { workflow } = facts;
  const { standing, requeueAt } = verify(facts, new Date(timeMs(workflow?.status?.startedAt) ?? submittedAt(facts)));
  return record({ ...standing, ...workflowOf(facts) }, requeueAt);
}

/** Returns the part of the status about the Workflow, once its name is decided. */
function workflowOf(facts: RemediationFacts): Pick<Standing, 'workflowRef' | 'startTime'> {
  const { workflow } = facts;
  return workflow === undefined ? {} : { workflowRef: workflowRefOf(workflow), startTime: submittedAt(facts) };
}

function submittedAt({ remediation, workflow, now }: RemediationFacts): Date {
  return new Date(remediation.status?.startTime ?? workflow?.metadata.creationTimestamp ?? now);
}
