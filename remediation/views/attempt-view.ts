import type { AegisAlert } from '../../crds/alert.ts';
import { annotations } from '../../crds/labels.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { ApprovalsView, AttemptView } from '../../crds/subresources/attempt-view.ts';
import { approversOf } from '../approval/approval.ts';
import { stagesOf } from '../attempts/stages.ts';
import type { OutlinedWorkflow } from './outline-text.ts';
import { present } from './present.ts';
import { workflowView } from './workflow-view.ts';

/** One attempt, its approvals and its Workflow. */
export function attemptView(
  remediation: AegisRemediation,
  workflow: OutlinedWorkflow | undefined,
  { alert, now }: { alert: AegisAlert | undefined; now: Date },
): AttemptView {
  const { metadata, spec, status = {} } = remediation;
  const { reason, message, blockedUntil, startTime, completionTime } = status;
  const requestReason = metadata.annotations?.[annotations.reason];
  return {
    name: metadata.name,
    phase: status.phase ?? 'Pending',
    ...present({ reason, message, blockedUntil, startTime, completionTime }),
    attempt: spec.attempt,
    dryRun: spec.dryRun === true,
    template: spec.templateRef,
    requestedBy: spec.requestedBy,
    ...present({ rule: spec.ruleRef, target: spec.target, requestReason }),
    risk: spec.risk,
    manifestHash: spec.manifestHash,
    stages: stagesOf(remediation, alert, now),
    approvals: approvalsView(remediation),
    workflow: workflowView(remediation, workflow),
  };
}

function approvalsView(remediation: AegisRemediation): ApprovalsView {
  const { spec, status } = remediation;
  const decisions = status?.approvals ?? [];
  return { required: 0, ...spec.approval, given: approversOf(remediation).length, decisions };
}
