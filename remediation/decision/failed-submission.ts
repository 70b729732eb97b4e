import type { SubmissionReason } from '../../crds/reasons.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { submitFailed } from '../attempts/submission.ts';
import type { FailedSubmission, RemediationFacts } from './facts.ts';
import { held, record, type RecordPlan } from './remediation-plan.ts';

/** How soon a submission that is not possible now is tried again; milliseconds, growing with its age. */
const retry = { least: 5_000, most: 60_000 };

/** Returns the plan for an attempt without a Workflow whose submission has just failed; pure. */
export function afterFailedSubmission(facts: RemediationFacts, failure: FailedSubmission): RecordPlan {
  switch (failure.outcome) {
    case 'corrupt':
      return failed('ManifestCorrupt', failure.message);
    case 'held':
      return held(failure.answer);
    case 'unaudited': {
      const again = new Date(facts.now.getTime() + retry.most);
      const message = `the audit record cannot be written: ${failure.message}`;
      return held({ reason: 'AuditUnavailable', message, again });
    }
    case 'taken': {
      const { namespace = '', name } = failure.workflow.metadata;
      return failed('NameTaken', `another Workflow has the name ${namespace}/${name}`);
    }
    case 'refused':
      return failed('WorkflowRefused', `the API server rejected the Workflow: ${failure.message}`);
    case 'unclear':
    case 'unavailable':
      return tryAgain(facts, `the Workflow cannot be created: ${failure.message}`);
  }
}

function tryAgain({ remediation, deadlines, now }: RemediationFacts, message: string): RecordPlan {
  const age = now.getTime() - tryingSince(remediation, now);
  if (age >= deadlines.start) return failed(submitFailed, message);
  const requeueAt = new Date(now.getTime() + Math.min(Math.max(age, retry.least), retry.most));
  // An approval stays: users are not asked again because a permission is missing.
  const phase = remediation.status?.phase === 'Approved' ? 'Approved' : 'Pending';
  return record({ phase, reason: submitFailed, message }, requeueAt);
}

/** Returns when the submission failed for the first time; milliseconds since 1970. */
function tryingSince({ status }: AegisRemediation, now: Date): number {
  const { reason, time } = status?.timeline?.at(-1) ?? {};
  return reason === submitFailed && time !== undefined ? Date.parse(time) : now.getTime();
}

function failed(reason: SubmissionReason, message: string): RecordPlan {
  return record({ phase: 'Failed', reason, message });
}
