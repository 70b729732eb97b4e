import { z } from 'zod';
import { Risk } from '../ops-template.ts';
import {
  ApprovalRequirement,
  RemediationPhase,
  RemediationStatus,
  RemediationTarget,
  Requester,
} from '../remediation.ts';
import { list, ObjectName, text, Time } from '../schema.ts';
import { Origin } from './subject.ts';
import { WorkflowManifest, WorkflowView } from './workflow-view.ts';

/** Current result of one gate for an attempt. */
export const GateView = z.object({
  gate: text(63).describe('Name of the gate.'),
  passes: z.boolean().describe('Whether the attempt passes the gate.'),
  reason: text(128).optional().describe('Reason in CamelCase, if not.'),
  message: text(4096).optional().describe('Details for users, if not.'),
  until: Time.optional().describe('Latest time at which the gate is evaluated again.'),
});
export type GateView = z.infer<typeof GateView>;

/** A problem that prevents a template from being rendered. */
export const RenderProblemView = z.object({
  reason: text(63).describe('Reason in CamelCase.'),
  message: text(4096).describe('Details for users.'),
  path: text(4096).optional().describe('Path in the manifest, such as spec.templates[0].container.args[1].'),
  variable: text(256).optional().describe('Variable or parameter, without the dot.'),
});
export type RenderProblemView = z.infer<typeof RenderProblemView>;

/** The Workflow that would be submitted, or that an attempt holds. */
export const PreviewView = z.object({
  ok: z.boolean().describe('Whether there is a Workflow that can be submitted.'),
  reason: text(63).optional().describe('Reason in CamelCase, if not.'),
  message: text(8192).optional().describe('Details for users.'),
  problems: list(RenderProblemView, 50).optional().describe('Problems that prevent rendering.'),
  remediation: text(63).optional().describe('Name of the attempt and its Workflow.'),
  exists: z.boolean().describe('Whether the attempt exists.'),
  attempt: z.int().min(1).optional().describe('Number of the attempt.'),
  rule: Origin.optional().describe('Rule that requested the attempt.'),
  template: Origin.optional().describe('Template that is rendered.'),
  risk: Risk.optional().describe('Damage that the Workflow can do.'),
  approvalsRequired: z
    .int()
    .min(0)
    .optional()
    .describe('Number of users who must approve, by the rule and the policies.'),
  manifestHash: text(71).optional().describe('sha256: and the hex digest of the Workflow; approvals refer to it.'),
  workflow: WorkflowManifest.optional().describe('Complete Workflow.'),
});
export type PreviewView = z.infer<typeof PreviewView>;

export const ApprovalsView = z.object({
  required: z.int().min(0).describe('Number of different users who must approve; 0 = none.'),
  given: z.int().min(0).describe('Number of different users who have approved.'),
  approverGroups: ApprovalRequirement.shape.approverGroups,
  requesterMayApprove: ApprovalRequirement.shape.requesterMayApprove,
  expiresAt: ApprovalRequirement.shape.expiresAt,
  decisions: RemediationStatus.shape.approvals.unwrap().describe('Decisions of users, oldest first.'),
});
export type ApprovalsView = z.infer<typeof ApprovalsView>;

const Seconds = z.number().min(0).optional();

/** Duration of each stage of an attempt, in seconds. */
export const StagesView = z.object({
  detect: Seconds.describe('Time until the alert was received.'),
  queue: Seconds.describe('Time until the Workflow was created, without the wait for approvals.'),
  humanWait: Seconds.describe('Time spent waiting for approvals.'),
  execute: Seconds.describe('Duration of the Workflow.'),
  verify: Seconds.describe('Duration of the verification.'),
});

/** One attempt and its Workflow. */
export const AttemptView = z.object({
  name: ObjectName.describe('Name of the AegisRemediation.'),
  phase: RemediationPhase.describe('Phase of the attempt.'),
  reason: text(128).optional().describe('Reason for the phase in CamelCase.'),
  message: text(4096).optional().describe('Details for users.'),
  attempt: z.int().min(1).describe('Number of the attempt.'),
  dryRun: z.boolean().describe('Whether the attempt is a dry run.'),
  rule: Origin.optional().describe('Rule that requested the attempt.'),
  template: Origin.describe('Template that was rendered.'),
  requestedBy: Requester.describe('User or rule that requested the attempt.'),
  requestReason: text(1024).optional().describe('Reason given by the requester.'),
  target: RemediationTarget.optional().describe('Target of the attempt.'),
  risk: Risk.describe('Damage that the Workflow can do.'),
  manifestHash: text(71).describe('sha256: and the hex digest of the Workflow.'),
  blockedUntil: Time.optional().describe('Latest time at which a blocked attempt is evaluated again.'),
  startTime: Time.optional().describe('Time at which the Workflow was submitted.'),
  completionTime: Time.optional().describe('Time at which the attempt ended.'),
  stages: StagesView.describe('Duration of each stage, in seconds.'),
  approvals: ApprovalsView.describe('Required and given approvals.'),
  workflow: WorkflowView.describe('State of the Workflow.'),
});
export type AttemptView = z.infer<typeof AttemptView>;

/** One entry of a timeline. */
export const TimelineView = z.object({
  time: text(64).describe('Time of the entry.'),
  kind: z.enum(['AegisAlert', 'AegisRemediation', 'Workflow']).describe('Kind of the object.'),
  name: ObjectName.describe('Name of the object.'),
  event: text(316).describe('Phase, condition or decision.'),
  reason: text(1024).optional().describe('Reason in CamelCase.'),
  message: text(65536).optional().describe('Details for users.'),
});
export type TimelineView = z.infer<typeof TimelineView>;

/** Freshness of a response. */
export const Freshness = z.object({
  source: z
    .enum(['Cache', 'Live'])
    .describe('Source of the object: the cache, or the API server if the cache lacked it.'),
  now: Time.describe('Time of this response.'),
  lastHeard: z
    .object({
      aegisalerts: Time.optional().describe('Last update of alerts.'),
      aegisalertopsrules: Time.optional().describe('Last update of rules.'),
      aegisopstemplates: Time.optional().describe('Last update of templates.'),
      aegisremediations: Time.optional().describe('Last update of remediations.'),
      aegisremediationpolicies: Time.optional().describe('Last update of policies.'),
      workflows: Time.optional().describe('Last update of Workflows; absent where Argo is not installed.'),
    })
    .describe(
      'Time of the last update of the cache for each kind. Idle kinds are updated about once a minute; an older time means that the response may be outdated.',
    ),
});
export type Freshness = z.infer<typeof Freshness>;
