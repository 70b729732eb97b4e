import { isResolved, type AegisAlert } from '../crds/alert.ts';
import { isTerminal, type AegisRemediation } from '../crds/remediation.ts';
import type { Workflow } from '../crds/workflow.ts';
import { askGates } from './gates/index.ts';
import type { Standing } from './status.ts';
import { outcomeOf, type WorkflowDeadlines } from './workflow-outcome.ts';

/** Everything that is known when an attempt is looked at. */
export interface RemediationFacts {
  remediation: AegisRemediation;
  /** Absent when it is gone. */
  alert: AegisAlert | undefined;
  siblings: readonly AegisRemediation[];
  /** The Workflow of this attempt, as far as it is known. */
  workflow: Workflow | undefined;
  deadlines: WorkflowDeadlines;
  now: Date;
}

/** What to do with an attempt. */
export type RemediationPlan =
  /** Nothing changes any more. */
  | { action: 'settled' }
  /** Hand the Workflow to Argo. */
  | { action: 'submit' }
  /** Record where it stands; `stop` ends a Workflow that must not act any more. */
  | { action: 'record'; standing: Standing; stop: boolean; requeueAt?: Date };

/** Decides; pure. */
export function decideRemediation(facts: RemediationFacts): RemediationPlan {
  const { remediation, workflow } = facts;
  const { phase, workflowRef } = remediation.status ?? {};
  if (isTerminal(phase)) return { action: 'settled' };
  // A Workflow that exists was submitted, also when the worker died before it could say so.
  if (workflowRef !== undefined || workflow !== undefined) return followWorkflow(facts);
  return beforeSubmission(facts);
}

function beforeSubmission({ remediation, alert, siblings, now }: RemediationFacts): RemediationPlan {
  const cancelled = cancellation(remediation, alert);
  if (cancelled !== undefined || alert === undefined) {
    return record({ phase: 'Cancelled', ...(cancelled ?? alertDeleted) });
  }
  if (remediation.spec.dryRun === true) {
    return record({ phase: 'DryRun', reason: 'DryRun', message: 'would have been submitted' });
  }
  const blocked = askGates({ remediation, alert, siblings, now });
  if (blocked === undefined) return { action: 'submit' };
  const { reason, message, until } = blocked.answer;
  return record({ phase: 'Blocked', reason, message, ...(until === undefined ? {} : { blockedUntil: until }) }, until);
}

const alertDeleted = { reason: 'AlertDeleted', message: 'the alert was deleted before the Workflow was submitted' };

function cancellation(
  { spec }: AegisRemediation,
  alert: AegisAlert | undefined,
): { reason: string; message: string } | undefined {
  if (alert?.metadata.uid !== spec.alertRef.uid) return alertDeleted;
  if (spec.alertStatus === 'Firing' && isResolved(alert)) {
    return { reason: 'AlertResolved', message: 'the alert was resolved before the Workflow was submitted' };
  }
  return undefined;
}

function followWorkflow({ remediation, workflow, deadlines, now }: RemediationFacts): RemediationPlan {
  const submittedAt = new Date(remediation.status?.startTime ?? workflow?.metadata.creationTimestamp ?? now);
  const { stop, deadline, ...standing } = outcomeOf(workflow, { deadlines, submittedAt, now });
  const ref = workflow === undefined ? {} : { workflowRef: workflowRefOf(workflow) };
  return { ...record({ ...standing, ...ref }, deadline), stop: stop === true };
}

/** How a status points to a Workflow. */
export function workflowRefOf({ metadata }: Workflow): NonNullable<Standing['workflowRef']> {
  const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
  return { name: metadata.name, namespace: metadata.namespace ?? '', ...uid };
}

function record(standing: Standing, requeueAt?: Date): Extract<RemediationPlan, { action: 'record' }> {
  return { action: 'record', standing, stop: false, ...(requeueAt === undefined ? {} : { requeueAt }) };
}
