import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import type { AttemptReason } from './reasons.ts';
import { RemediationPhase } from './remediation-phase.ts';
import { immutable, rule } from './rules.ts';
import { Conditions, Generation, list, NamespaceName, ObjectName, text, Time } from './schema.ts';
import { Risk } from './ops-template.ts';

/** The rule or template that an attempt was made from, as it was then. */
const OriginReference = z.object({
  name: ObjectName.describe('Name.'),
  namespace: NamespaceName.describe('Namespace.'),
  generation: Generation.describe('Its metadata.generation at that time.'),
});

/** What is acted upon; `uid` is empty when the cluster does not know the object. */
export const RemediationTarget = z.object({
  kind: text(63).optional().describe('Kind, such as Node or Pod.'),
  name: text(253).optional().describe('Name.'),
  namespace: text(63).optional().describe('Namespace, unless it is cluster-scoped.'),
  uid: text(64).optional().describe('Its uid when this was decided; empty when the cluster does not know the object.'),
  controlPlane: z
    .boolean()
    .optional()
    .describe('true: it is a node of the control plane, or a pod on one; of these only one is acted upon at a time.'),
  node: text(253).optional().describe('Of a pod: the node it was on when this was decided, as far as that is known.'),
});
export type RemediationTarget = z.infer<typeof RemediationTarget>;

export const Requester = z.object({
  username: text(256).describe('Kubernetes user name.'),
  groups: list(text(256), 64).optional().describe('Kubernetes groups.'),
  via: z
    .enum(['rule', 'kubectl', 'slack', 'api'])
    .describe('How it was asked for: by a rule, or by a person through kubectl, Slack or the API.'),
});

export type Requester = z.infer<typeof Requester>;

export const ApprovalRequirement = z.object({
  required: z.int32().min(0).max(10).describe('How many different people must approve; 0 = none.'),
  approverGroups: list(text(256), 32).optional().describe('Groups of which an approver must be in one.'),
  requesterMayApprove: z.boolean().optional().describe('Whether the approval of the requester counts.'),
  expiresAt: Time.optional().describe('From then on it is denied.'),
});

export const RemediationSpec = immutable(
  z.object({
    alertRef: z
      .object({ name: ObjectName.describe('Name.'), uid: text(64).describe('Its metadata.uid.') })
      .describe('The AegisAlert, in the same namespace.'),
    ruleRef: OriginReference.optional().describe(
      'The AegisAlertOpsRule; absent when a person asked for the template itself.',
    ),
    templateRef: OriginReference.describe('The AegisOpsTemplate.'),
    target: RemediationTarget.optional().describe('What is acted upon.'),
    alertStatus: z
      .enum(['Firing', 'Resolved'])
      .default('Firing')
      .describe('What the alert said when this was decided: a plan for a firing alert ends when the alert does.'),
    attempt: z.int32().min(1).max(1000).describe('1 for the first attempt of an episode.'),
    manifest: text(524288).describe('The whole Workflow as JSON with sorted keys: exactly what is submitted.'),
    manifestHash: z
      .string()
      .max(71)
      .regex(/^sha256:[0-9a-f]{64}$/)
      .describe('sha256: and the hex digest of `manifest`; approvals name it.'),
    risk: Risk.describe('How bad it can get when it does the wrong thing.'),
    requestedBy: Requester.describe('Who asked for it.'),
    approval: ApprovalRequirement.optional().describe('Who must agree before it runs.'),
    dryRun: z.boolean().optional().describe('Everything but the submission is done.'),
  }),
  'spec is immutable: it is what was decided and approved',
);
export type RemediationSpec = z.infer<typeof RemediationSpec>;

export { RemediationPhase };

/** A word of the catalogue in reasons.ts; the schema accepts others, which another version of Aegis may write. */
const Reason = text(128) as z.ZodType<string> as z.ZodType<AttemptReason>;

export const Approval = z.object({
  user: text(256).describe('Kubernetes user name of who decided.'),
  groups: list(text(256), 64)
    .optional()
    .describe('Kubernetes groups of who approved; whether she still may is asked again when it runs.'),
  via: text(64).describe('How: kubectl, slack or api.'),
  time: Time.describe('When.'),
  decision: z.enum(['Approved', 'Rejected']).describe('What; one rejection is final.'),
  comment: text(1024).optional().describe('Why, in her own words.'),
});
export type Approval = z.infer<typeof Approval>;

export const Cancellation = z.object({
  user: text(256).describe('Kubernetes user name of who cancelled.'),
  via: text(64).describe('How: kubectl, slack or api.'),
  time: Time.describe('When.'),
  comment: text(1024).optional().describe('Why, in her own words.'),
});
export type Cancellation = z.infer<typeof Cancellation>;

export const TimelineEntry = z.object({
  time: Time.describe('When.'),
  phase: RemediationPhase.describe('The phase that was entered.'),
  reason: Reason.optional().describe('Why, as one CamelCase word.'),
  message: text(1024).optional().describe('Why, in words.'),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const Verification = z.object({
  actedAt: Time.describe('When the Workflow began to act: it did not bring about what was over before.'),
  since: Time.describe('When its Workflow had succeeded, and whether it helped began to be watched.'),
  healthySince: Time.optional().describe(
    'Since when the alert is silent and the target healthy; absent while they are not.',
  ),
});
export type Verification = z.infer<typeof Verification>;

export const RemediationStatus = z.object({
  phase: RemediationPhase.optional().describe('How far it is.'),
  reason: Reason.optional().describe('Why it is in this phase, as one CamelCase word.'),
  message: text(4096).optional().describe('Why it is in this phase, in words.'),
  blockedUntil: Time.optional().describe('When a blocked attempt is looked at again at the latest.'),
  approvals: list(Approval, 32).optional().describe('Decisions of people, oldest first.'),
  cancellation: Cancellation.optional().describe('Who called it off; what runs is stopped.'),
  workflowRef: z
    .object({
      name: ObjectName.describe('Name.'),
      namespace: NamespaceName.describe('Namespace.'),
      uid: text(64).optional().describe('Its metadata.uid.'),
    })
    .optional()
    .describe('The Workflow, once it exists.'),
  startTime: Time.optional().describe('When the Workflow was submitted.'),
  completionTime: Time.optional().describe('When nothing more was left to do.'),
  verification: Verification.optional().describe(
    'How far it is known whether it helped; where a policy asks for that.',
  ),
  timeline: list(TimelineEntry, 64)
    .optional()
    .describe('The newest phases, oldest first; older ones are in the events.'),
  conditions: Conditions.optional().describe('Admitted, Submitted and Complete, each with its reason.'),
});
export type RemediationStatus = z.infer<typeof RemediationStatus>;

export const AegisRemediation = rule(
  objectSchema('AegisRemediation', {
    spec: RemediationSpec.describe('What was decided; it never changes.'),
    status: RemediationStatus.optional().describe('What became of it; written by Aegis only.'),
  }).describe('One attempt of one plan for one alert, and the object that people approve. Written by Aegis only.'),
  {
    rule: 'size(self.metadata.name) <= 63',
    message: 'metadata.name must have at most 63 characters, because it labels the Workflow',
  },
  ({ metadata }) => (metadata.name ?? '').length <= 63,
);
/** One attempt of one plan for one alert. */
export type AegisRemediation = CustomObject<'AegisRemediation', RemediationSpec, RemediationStatus>;

export const aegisRemediations: ResourceType<AegisRemediation> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisremediations',
  kind: 'AegisRemediation',
  namespaced: true,
};

/** Phases that no attempt ever leaves. */
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

/** Whether it acts upon its target, or what it did is being looked at. */
export function isActing(phase: RemediationPhase | undefined): boolean {
  return phase === 'Submitted' || phase === 'Running' || phase === 'Verifying';
}

/** Whether nothing will happen any more in this attempt. */
export function isTerminal(phase: RemediationPhase | undefined): boolean {
  return phase !== undefined && terminalPhases.has(phase);
}
