import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import type { AttemptReason } from './reasons.ts';
import { RemediationPhase } from './remediation-phase.ts';
import { immutable, rule } from './rules.ts';
import { Conditions, Generation, list, NamespaceName, ObjectName, text, Time } from './schema.ts';
import { Risk } from './ops-template.ts';

/** The rule or template that an attempt was created from, at its generation of that time. */
const OriginReference = z.object({
  name: ObjectName.describe('Name of the object.'),
  namespace: NamespaceName.describe('Namespace of the object.'),
  generation: Generation.describe('The `metadata.generation` that was used.'),
});

/** The target of a remediation; `uid` is empty when the object does not exist in the cluster. */
export const RemediationTarget = z.object({
  kind: text(63).optional().describe('Kind of the target, such as Node or Pod.'),
  name: text(253).optional().describe('Name of the target.'),
  namespace: text(63).optional().describe('Namespace of the target; empty for cluster-scoped kinds.'),
  uid: text(64)
    .optional()
    .describe('UID of the target at the time of the decision; empty if it did not exist in the cluster.'),
  controlPlane: z
    .boolean()
    .optional()
    .describe('Whether the target is a control plane node or a pod on one; only one of these is remediated at a time.'),
  node: text(253).optional().describe('For a pod: the node it ran on at the time of the decision, if known.'),
});
export type RemediationTarget = z.infer<typeof RemediationTarget>;

export const Requester = z.object({
  username: text(256).describe('Kubernetes user name.'),
  groups: list(text(256), 64).optional().describe('Kubernetes groups of the user.'),
  via: z
    .enum(['rule', 'kubectl', 'slack', 'api'])
    .describe('Origin of the request: a rule, or a user through kubectl, Slack or the API.'),
});

export type Requester = z.infer<typeof Requester>;

export const ApprovalRequirement = z.object({
  required: z.int32().min(0).max(10).describe('Number of different users who must approve; 0 = none.'),
  approverGroups: list(text(256), 32).optional().describe('Groups, one of which an approver must be in.'),
  requesterMayApprove: z.boolean().optional().describe('Whether an approval by the requester counts.'),
  expiresAt: Time.optional().describe('Time at which the remediation expires without approval.'),
});

export const RemediationSpec = immutable(
  z.object({
    alertRef: z
      .object({ name: ObjectName.describe('Name of the alert.'), uid: text(64).describe('UID of the alert.') })
      .describe('AegisAlert, in the same namespace.'),
    ruleRef: OriginReference.optional().describe(
      'AegisAlertOpsRule; absent when a user requested the template itself.',
    ),
    templateRef: OriginReference.describe('AegisOpsTemplate that was rendered.'),
    target: RemediationTarget.optional().describe('Target of the remediation.'),
    alertStatus: z
      .enum(['Firing', 'Resolved'])
      .default('Firing')
      .describe(
        'Status of the alert at the time of the decision. An attempt for a firing alert ends when the alert resolves.',
      ),
    attempt: z.int32().min(1).max(1000).describe('Number of the attempt within its episode, from 1.'),
    manifest: text(524288).describe('Workflow as JSON with sorted keys, exactly as it is submitted.'),
    manifestHash: z
      .string()
      .max(71)
      .regex(/^sha256:[0-9a-f]{64}$/)
      .describe('sha256: and the hex digest of `manifest`; approvals refer to it.'),
    risk: Risk.describe('Damage that the Workflow can do.'),
    requestedBy: Requester.describe('User or rule that requested the remediation.'),
    approval: ApprovalRequirement.optional().describe('Approvals that are required before the Workflow runs.'),
    dryRun: z.boolean().optional().describe('If true, the remediation is evaluated but no Workflow is submitted.'),
  }),
  'spec is immutable, because it is what users approve',
);
export type RemediationSpec = z.infer<typeof RemediationSpec>;

export { RemediationPhase };

/** A word of the catalogue in reasons.ts; the schema accepts others, which another version of Aegis may write. */
const Reason = text(128) as z.ZodType<string> as z.ZodType<AttemptReason>;

export const Approval = z.object({
  user: text(256).describe('Kubernetes user name of the user who decided.'),
  groups: list(text(256), 64)
    .optional()
    .describe('Kubernetes groups of the user; the permission to approve is checked again before the Workflow runs.'),
  via: text(64).describe('Client: kubectl, slack or api.'),
  time: Time.describe('Time of the decision.'),
  decision: z.enum(['Approved', 'Rejected']).describe('Decision; one rejection is final.'),
  comment: text(1024).optional().describe('Reason given by the user.'),
});
export type Approval = z.infer<typeof Approval>;

export const Cancellation = z.object({
  user: text(256).describe('Kubernetes user name of the user who cancelled.'),
  via: text(64).describe('Client: kubectl, slack or api.'),
  time: Time.describe('Time of the cancellation.'),
  comment: text(1024).optional().describe('Reason given by the user.'),
});
export type Cancellation = z.infer<typeof Cancellation>;

export const TimelineEntry = z.object({
  time: Time.describe('Time at which the phase was entered.'),
  phase: RemediationPhase.describe('Phase that was entered.'),
  reason: Reason.optional().describe('Reason in CamelCase.'),
  message: text(1024).optional().describe('Details for users.'),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const Verification = z.object({
  actedAt: Time.describe('Start of the Workflow; a recovery before this time is not its effect.'),
  since: Time.describe('Start of the verification, after the Workflow succeeded.'),
  healthySince: Time.optional().describe(
    'Time since which the alert is resolved and the target healthy; absent while they are not.',
  ),
});
export type Verification = z.infer<typeof Verification>;

export const RemediationStatus = z.object({
  phase: RemediationPhase.optional().describe('Phase of the remediation.'),
  reason: Reason.optional().describe('Reason for the phase in CamelCase.'),
  message: text(4096).optional().describe('Details of the phase for users.'),
  blockedUntil: Time.optional().describe('Latest time at which a blocked attempt is evaluated again.'),
  approvals: list(Approval, 32).optional().describe('Decisions of users, oldest first.'),
  cancellation: Cancellation.optional().describe('Cancellation by a user; a running Workflow is stopped.'),
  workflowRef: z
    .object({
      name: ObjectName.describe('Name of the Workflow.'),
      namespace: NamespaceName.describe('Namespace of the Workflow.'),
      uid: text(64).optional().describe('UID of the Workflow.'),
    })
    .optional()
    .describe('Workflow of the remediation, once it exists.'),
  startTime: Time.optional().describe('Time at which the Workflow was submitted.'),
  completionTime: Time.optional().describe('Time at which the remediation ended.'),
  verification: Verification.optional().describe('State of the verification, where a policy requires one.'),
  timeline: list(TimelineEntry, 64).optional().describe('Newest phases, oldest first; events contain older ones.'),
  conditions: Conditions.optional().describe('Conditions Admitted, Submitted and Complete.'),
});
export type RemediationStatus = z.infer<typeof RemediationStatus>;

export const AegisRemediation = rule(
  objectSchema('AegisRemediation', {
    spec: RemediationSpec.describe('Plan of the attempt; immutable.'),
    status: RemediationStatus.optional().describe('State of the attempt; written by Aegis only.'),
  }).describe('AegisRemediation is one attempt to remediate one alert, which users approve. Written by Aegis only.'),
  {
    rule: 'size(self.metadata.name) <= 63',
    message: 'metadata.name must have at most 63 characters, because it is a label value',
  },
  ({ metadata }) => (metadata.name ?? '').length <= 63,
);
/** One attempt to remediate one alert. */
export type AegisRemediation = CustomObject<'AegisRemediation', RemediationSpec, RemediationStatus>;

export const aegisRemediations: ResourceType<AegisRemediation> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisremediations',
  kind: 'AegisRemediation',
  namespaced: true,
};

/** Phases that an attempt never leaves. */
const terminalPhases: ReadonlySet<RemediationPhase> = new Set([
  'Succeeded',
  'Failed',
  'Inconclusive',
  'Ineffective',
  'Expired',
  'Rejected',
  'Cancelled',
  'Superseded',
  'DryRun',
]);

/** Returns whether an attempt acts upon its target or is being verified. */
export function isActing(phase: RemediationPhase | undefined): boolean {
  return phase === 'Submitted' || phase === 'Running' || phase === 'Verifying';
}

/** Returns whether an attempt has ended. */
export function isTerminal(phase: RemediationPhase | undefined): boolean {
  return phase !== undefined && terminalPhases.has(phase);
}
