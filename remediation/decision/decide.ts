import { timeMs } from '../../lib/time.ts';
import { isResolved, type AegisAlert } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { AttemptReason } from '../../crds/reasons.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { supersededBy, supersederOf } from './superseded-by-user.ts';
import { outdoneBy, strongerActing } from '../locks/superseded-by-risk.ts';
import { approvalStateOf } from '../approval/approval.ts';
import { demandUnder } from '../approval/demand.ts';
import { calledOff } from './stop-reason.ts';
import { cancelledByUser, describeCancellation } from '../approval/cancellation.ts';
import { withPolicy, type GateAnswer, type GateFacts } from '../gate.ts';
import { askGates } from '../gates/index.ts';
import { ownVerdict } from '../attempts/workflow-verdict.ts';
import { rehearse } from './dry-run.ts';
import type { Standing } from '../attempts/status.ts';
import { verify, type VerificationFacts } from './verification.ts';
import { hasEnded, outcomeOf, type WorkflowDeadlines } from '../attempts/workflow-outcome.ts';

/** Everything that is known when an attempt is looked at. */
export interface RemediationFacts extends VerificationFacts {
  siblings: readonly AegisRemediation[];
  /** Whose approval does not count any more, and why; by user. */
  lapsed?: ReadonlyMap<string, string> | undefined;
  /** The Workflow of this attempt, as far as it is known. */
  workflow: Workflow | undefined;
  deadlines: WorkflowDeadlines;
}

/** What to do with an attempt. */
export type RemediationPlan =
  /** There is nothing to do. */
  | { action: 'settled' }
  /** Hand the Workflow to Argo. */
  | { action: 'submit' }
  /** Nothing changes, but a Workflow acts that must not: its creator was slower than the decision against it. */
  | { action: 'stop' }
  /** Record where it stands; `stop` ends a Workflow that must not act any more. */
  | { action: 'record'; standing: Standing; stop: boolean; requeueAt?: Date };

/** Decides; pure. */
export function decideRemediation(facts: RemediationFacts): RemediationPlan {
  const { remediation, workflow } = facts;
  const { phase, workflowRef } = remediation.status ?? {};
  if (isTerminal(phase)) return actsInVain(facts) ? { action: 'stop' } : { action: 'settled' };
  // Its Workflow has succeeded, whatever became of that since.
  if (phase === 'Verifying') return judge(facts);
  // A Workflow that exists was submitted, also when the worker died before it could say so.
  if (workflowRef !== undefined || workflow !== undefined) return followWorkflow(facts);
  return beforeSubmission(facts);
}

function actsInVain({ remediation, workflow }: RemediationFacts): boolean {
  const { phase, workflowRef } = remediation.status ?? {};
  const decidedAgainst = phase === 'Cancelled' || phase === 'Rejected' || phase === 'Expired' || phase === 'Superseded';
  // What failed without a Workflow may be followed by another attempt, and must not act beside that.
  return (
    (decidedAgainst || phase === 'Failed') && workflowRef === undefined && workflow !== undefined && !hasEnded(workflow)
  );
}

function beforeSubmission(facts: RemediationFacts): RemediationPlan {
  const { remediation, alert, siblings } = facts;
  const over = whyOver(remediation, alert);
  if (over !== undefined || alert === undefined) return record(over ?? alertDeleted);
  const first = supersederOf(remediation, siblings);
  if (first !== undefined) return record({ phase: 'Superseded', ...supersededBy(first) });
  const asked = withPolicy({ ...facts, alert });
  if (remediation.spec.dryRun === true) return record(rehearse(asked));
  const stronger = strongerActing(remediation, facts.world);
  if (stronger !== undefined) return record({ phase: 'Superseded', ...outdoneBy(stronger) });
  const blocked = askGates(asked);
  if (blocked === undefined) return admit(asked);
  return held(blocked.answer);
}

/** The attempt stands where a gate, or something that it would have to hold, has stopped it. */
export function held(answer: NonNullable<GateAnswer<AttemptReason>>): RemediationPlan {
  const { phase = 'Blocked', reason, message, until, reminder, again = until } = answer;
  return record(
    { phase, reason, message, ...(until && { blockedUntil: until }), ...(reminder && { reminder }) },
    again,
  );
}

/**
 * People's word is taken until the attempt is Approved, and that is on record before the Workflow is made: a rejection
 * comes either in time or is refused, never accepted and ignored.
 */
function admit(facts: GateFacts): RemediationPlan {
  const { remediation, now, lapsed } = facts;
  const { phase } = remediation.status ?? {};
  const demand = demandUnder(facts.policy.approval, remediation, now);
  const { state, approvers } = approvalStateOf(remediation, now, { demand, lapsed });
  const heard = state !== 'NotNeeded' || approvers.length > 0 || phase === 'AwaitingApproval';
  if (!heard || phase === 'Approved') return { action: 'submit' };
  const message = approvers.length === 0 ? 'nobody has to approve it any more' : `approved by ${approvers.join(', ')}`;
  return record({ phase: 'Approved', reason: 'ApprovalGranted', message });
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
  // Nobody has to answer a question that events have answered.
  return { phase: phase === 'AwaitingApproval' ? 'Superseded' : 'Cancelled', reason: 'AlertResolved', message };
}

function followWorkflow(facts: RemediationFacts): RemediationPlan {
  const { workflow, deadlines, now } = facts;
  const outcome = outcomeOf(workflow, { deadlines, submittedAt: submittedAt(facts), now });
  const { stop, deadline, ...standing } = calledOff(outcome, facts);
  if (standing.phase === 'Succeeded') {
    const verdict = workflow && ownVerdict(workflow);
    return verdict === undefined ? judge(facts) : record({ ...verdict, ...workflowOf(facts) });
  }
  return { ...record({ ...standing, ...workflowOf(facts) }, deadline), stop: stop === true };
}

/** Where an attempt stands whose Workflow has succeeded. */
function judge(facts: RemediationFacts): RemediationPlan {
  const { workflow } = facts;
  const { standing, requeueAt } = verify(facts, new Date(timeMs(workflow?.status?.startedAt) ?? submittedAt(facts)));
  return record({ ...standing, ...workflowOf(facts) }, requeueAt);
}

/** What is put on record about the Workflow, as soon as it is known. */
function workflowOf(facts: RemediationFacts): Pick<Standing, 'workflowRef' | 'startTime'> {
  const { workflow } = facts;
  return workflow === undefined ? {} : { workflowRef: workflowRefOf(workflow), startTime: submittedAt(facts) };
}

function submittedAt({ remediation, workflow, now }: RemediationFacts): Date {
  return new Date(remediation.status?.startTime ?? workflow?.metadata.creationTimestamp ?? now);
}

/** How a status points to a Workflow. */
export function workflowRefOf({ metadata }: Workflow): NonNullable<Standing['workflowRef']> {
  const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
  return { name: metadata.name, namespace: metadata.namespace ?? '', ...uid };
}

function record(standing: Standing, requeueAt?: Date): Extract<RemediationPlan, { action: 'record' }> {
  return { action: 'record', standing, stop: false, ...(requeueAt === undefined ? {} : { requeueAt }) };
}
