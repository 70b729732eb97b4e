import type { StopReason, WorkflowReason } from '../../crds/reasons.ts';
import type { RemediationPhase } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';

/** The result of a Workflow. `stop` = it must be kept from acting any more. */
export interface WorkflowOutcome {
  phase: RemediationPhase;
  reason: WorkflowReason | StopReason;
  message: string;
  stop?: boolean;
  /** When it has to have changed. */
  deadline?: Date;
}

export interface WorkflowDeadlines {
  /** How long Argo may take to start a Workflow; milliseconds. */
  start: number;
  /** How long after its own deadline a Workflow may still call itself running; milliseconds. */
  grace: number;
}

/** Whether Argo does nothing more for it. */
export function hasEnded({ status }: Workflow): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' || status?.phase === 'Error';
}

/** Reads the state of the Workflow of a submitted attempt; pure. */
export function outcomeOf(
  workflow: Workflow | undefined,
  { deadlines, submittedAt, now }: { deadlines: WorkflowDeadlines; submittedAt: Date; now: Date },
): WorkflowOutcome {
  if (workflow === undefined) return failed('WorkflowDeleted', 'the Workflow was deleted before its outcome was known');
  const message = workflow.status?.message ?? '';
  switch (workflow.status?.phase) {
    case 'Succeeded':
      return { phase: 'Succeeded', reason: 'WorkflowSucceeded', message: 'the Workflow succeeded' };
    case 'Failed':
      return failed('WorkflowFailed', sentence('the Workflow failed', message));
    case 'Error':
      return failed('WorkflowErrored', sentence('Argo could not run the Workflow', message));
    default:
      break;
  }
  if (workflow.metadata.deletionTimestamp !== undefined) {
    return { ...failed('WorkflowDeleted', 'the Workflow was deleted while it ran'), stop: true };
  }
  return workflow.status?.phase === 'Running'
    ? running(workflow, deadlines, { submittedAt, now })
    : waiting(message, deadlines, { submittedAt, now });
}

function waiting(
  message: string,
  deadlines: WorkflowDeadlines,
  { submittedAt, now }: { submittedAt: Date; now: Date },
): WorkflowOutcome {
  const deadline = new Date(submittedAt.getTime() + deadlines.start);
  if (now < deadline) {
    return {
      phase: 'Submitted',
      reason: 'WorkflowPending',
      message: sentence('Argo has not started the Workflow', message),
      deadline,
    };
  }
  const seconds = Math.round(deadlines.start / 1000);
  const text = `Argo has not started the Workflow within ${seconds} s; is the workflow-controller running?`;
  return { ...failed('WorkflowNotStarted', sentence(text, message)), stop: true };
}

function running(
  workflow: Workflow,
  deadlines: WorkflowDeadlines,
  { submittedAt, now }: { submittedAt: Date; now: Date },
): WorkflowOutcome {
  const seconds = Number(workflow.spec?.['activeDeadlineSeconds']);
  const started = Date.parse(workflow.status?.startedAt ?? '');
  const since = Number.isNaN(started) ? submittedAt.getTime() : started;
  const message = 'the Workflow is running';
  if (!Number.isFinite(seconds)) return { phase: 'Running', reason: 'WorkflowRunning', message };
  const deadline = new Date(since + seconds * 1000 + deadlines.grace);
  if (now < deadline) return { phase: 'Running', reason: 'WorkflowRunning', message, deadline };
  return { ...failed('DeadlineExceeded', `the Workflow still runs after its deadline of ${seconds} s`), stop: true };
}

function failed(reason: WorkflowReason, message: string): WorkflowOutcome {
  return { phase: 'Failed', reason, message };
}

function sentence(start: string, detail: string): string {
  return detail === '' ? start : `${start}: ${detail}`;
}
