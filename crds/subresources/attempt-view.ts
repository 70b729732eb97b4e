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

/** What one gate says to an attempt now. */
export const GateView = z.object({
  gate: text(63).describe('The gate.'),
  passes: z.boolean().describe('Whether it lets the attempt pass.'),
  reason: text(128).optional().describe('Why not, as one CamelCase word.'),
  message: text(4096).optional().describe('Why not, in words.'),
  until: Time.optional().describe('When it is asked again at the latest.'),
});
export type GateView = z.infer<typeof GateView>;

/** One thing that keeps a template from becoming a Workflow. */
export const RenderProblemView = z.object({
  reason: text(63).describe('Why, as one CamelCase word.'),
  message: text(4096).describe('Why, in words.'),
  path: text(4096).optional().describe('Where in the manifest, as spec.templates[0].container.args[1].'),
  variable: text(256).optional().describe('The variable or parameter, without the dot.'),
});
export type RenderProblemView = z.infer<typeof RenderProblemView>;

/** What would be submitted, or was decided to be. */
export const PreviewView = z.object({
  ok: z.boolean().describe('Whether there is something that can be submitted.'),
  reason: text(63).optional().describe('Why not, as one CamelCase word.'),
  message: text(8192).optional().describe('Why not, or what there is to say besides.'),
  problems: list(RenderProblemView, 50).optional().describe('All that keeps the template from being rendered.'),
  remediation: text(63).optional().describe('Name that the attempt and its Workflow have, or would have.'),
  exists: z.boolean().describe('Whether this attempt was made already.'),
  attempt: z.int().min(1).optional().describe('Its number.'),
  rule: Origin.optional().describe('The rule that it is by.'),
  template: Origin.optional().describe('The template that it is made from.'),
  risk: Risk.optional().describe('How bad it can get.'),
  approvalsRequired: z.int().min(0).optional().describe('How many people must approve, by its rule and the policies.'),
  manifestHash: text(71).optional().describe('sha256: and the hex digest of the Workflow; approvals name it.'),
  workflow: WorkflowManifest.optional().describe('The whole Workflow.'),
});
export type PreviewView = z.infer<typeof PreviewView>;

export const ApprovalsView = z.object({
  required: z.int().min(0).describe('How many different people must approve; 0 = none.'),
  given: z.int().min(0).describe('How many different people have approved.'),
  approverGroups: ApprovalRequirement.shape.approverGroups,
  requesterMayApprove: ApprovalRequirement.shape.requesterMayApprove,
  expiresAt: ApprovalRequirement.shape.expiresAt,
  decisions: RemediationStatus.shape.approvals.unwrap().describe('What people decided, oldest first.'),
});
export type ApprovalsView = z.infer<typeof ApprovalsView>;

const Seconds = z.number().min(0).optional();

/** Where the time of an attempt went, in seconds. */
export const StagesView = z.object({
  detect: Seconds.describe('Until the alert was here.'),
  queue: Seconds.describe('Until the Workflow was made, without the wait for people.'),
  humanWait: Seconds.describe('Until people had decided.'),
  execute: Seconds.describe('Until the Workflow was over.'),
  verify: Seconds.describe('Until it was known whether it helped.'),
});

/** One attempt and its Workflow. */
export const AttemptView = z.object({
  name: ObjectName.describe('Name of the AegisRemediation.'),
  phase: RemediationPhase.describe('How far it is.'),
  reason: text(128).optional().describe('Why it is in this phase, as one CamelCase word.'),
  message: text(4096).optional().describe('Why, in words.'),
  attempt: z.int().min(1).describe('Its number.'),
  dryRun: z.boolean().describe('Whether it only rehearses.'),
  rule: Origin.optional().describe('The rule that it is by.'),
  template: Origin.describe('The template that it was made from.'),
  requestedBy: Requester.describe('Who asked for it.'),
  requestReason: text(1024).optional().describe('Why she asked for it, in her own words.'),
  target: RemediationTarget.optional().describe('What is acted upon.'),
  risk: Risk.describe('How bad it can get.'),
  manifestHash: text(71).describe('sha256: and the hex digest of its Workflow.'),
  blockedUntil: Time.optional().describe('When a blocked attempt is looked at again at the latest.'),
  startTime: Time.optional().describe('When its Workflow was submitted.'),
  completionTime: Time.optional().describe('When nothing more was left to do.'),
  stages: StagesView.describe('Where the time went so far, in seconds.'),
  approvals: ApprovalsView.describe('Who must agree, and who did.'),
  workflow: WorkflowView.describe('What became of its Workflow.'),
});
export type AttemptView = z.infer<typeof AttemptView>;

/** Something that happened. */
export const TimelineView = z.object({
  time: text(64).describe('When.'),
  kind: z.enum(['AegisAlert', 'AegisRemediation', 'Workflow']).describe('To what kind of object.'),
  name: ObjectName.describe('To which object.'),
  event: text(316).describe('What: a phase, a condition, a decision.'),
  reason: text(1024).optional().describe('Why, as one CamelCase word.'),
  message: text(65536).optional().describe('Why, in words.'),
});
export type TimelineView = z.infer<typeof TimelineView>;

/** How fresh an answer is. */
export const Freshness = z.object({
  source: z
    .enum(['Cache', 'Live'])
    .describe('Where the object was read: from the cache, or from the API server because the cache lacked it.'),
  now: Time.describe('When this answer was made.'),
  lastHeard: z
    .object({
      aegisalerts: Time.optional().describe('Alerts.'),
      aegisalertopsrules: Time.optional().describe('Rules.'),
      aegisopstemplates: Time.optional().describe('Templates.'),
      aegisremediations: Time.optional().describe('Remediations.'),
      aegisremediationpolicies: Time.optional().describe('Policies.'),
      workflows: Time.optional().describe('Workflows; absent where Argo is not installed.'),
    })
    .describe(
      'When the API server last said something about each kind. A quiet kind is heard of about once a minute; older means that the answer may be behind.',
    ),
});
export type Freshness = z.infer<typeof Freshness>;
