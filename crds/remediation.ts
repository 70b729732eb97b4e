import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { Conditions, list, NamespaceName, ObjectName, text, Time } from './schema.ts';
import { Risk } from './ops-template.ts';

const Generation = z.int().min(0);

/** The rule or template that an attempt was made from, as it was then. */
const OriginReference = z.object({ name: ObjectName, namespace: NamespaceName, generation: Generation });

/** What is acted upon; `uid` is empty when the cluster does not know the object. */
export const RemediationTarget = z.object({
  kind: text(63).optional(),
  name: text(253).optional(),
  namespace: text(63).optional(),
  uid: text(64).optional(),
});
export type RemediationTarget = z.infer<typeof RemediationTarget>;

export const Requester = z.object({
  username: text(256),
  groups: list(text(256), 64).optional(),
  /** `rule` for the automatic way; `kubectl` and `slack` for people. */
  via: z.enum(['rule', 'kubectl', 'slack', 'api']),
});

export const ApprovalRequirement = z.object({
  /** How many different people must approve; 0 = none. */
  required: z.int32().min(0).max(10),
  approverGroups: list(text(256), 32).optional(),
  requesterMayApprove: z.boolean().optional(),
  expiresAt: Time.optional(),
});

export const RemediationSpec = z
  .object({
    alertRef: z.object({ name: ObjectName, uid: text(64) }),
    ruleRef: OriginReference.optional(),
    templateRef: OriginReference,
    target: RemediationTarget.optional(),
    /** What the alert said when this was decided: a plan made for a firing alert ends when the alert does. */
    alertStatus: z.enum(['Firing', 'Resolved']).default('Firing'),
    /** 1 for the first attempt of an episode. */
    attempt: z.int32().min(1).max(1000),
    /** The whole Workflow, name, namespace and labels included, as JSON with sorted keys: exactly what is submitted. */
    manifest: text(524288),
    /** `sha256:` and the hex digest of `manifest`. */
    manifestHash: z
      .string()
      .max(71)
      .regex(/^sha256:[0-9a-f]{64}$/),
    risk: Risk,
    requestedBy: Requester,
    approval: ApprovalRequirement.optional(),
    dryRun: z.boolean().optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self == oldSelf', message: 'spec is immutable: it is what was decided and approved' },
    ],
  });
export type RemediationSpec = z.infer<typeof RemediationSpec>;

export const RemediationPhase = z.enum([
  'Pending',
  'Blocked',
  'AwaitingApproval',
  'Approved',
  'Submitted',
  'Running',
  'Verifying',
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
export type RemediationPhase = z.infer<typeof RemediationPhase>;

const Approval = z.object({
  user: text(256),
  via: text(64),
  time: Time,
  decision: z.enum(['Approved', 'Rejected']),
  comment: text(1024).optional(),
});

export const TimelineEntry = z.object({
  time: Time,
  phase: RemediationPhase,
  reason: text(128).optional(),
  message: text(1024).optional(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const RemediationStatus = z.object({
  phase: RemediationPhase.optional(),
  reason: text(128).optional(),
  message: text(4096).optional(),
  blockedUntil: Time.optional(),
  approvals: list(Approval, 32).optional(),
  workflowRef: z.object({ name: ObjectName, namespace: NamespaceName, uid: text(64).optional() }).optional(),
  startTime: Time.optional(),
  completionTime: Time.optional(),
  /** The newest entries; older ones are in the events. */
  timeline: list(TimelineEntry, 64).optional(),
  conditions: Conditions.optional(),
});
export type RemediationStatus = z.infer<typeof RemediationStatus>;

export const AegisRemediation = objectSchema('AegisRemediation', {
  spec: RemediationSpec,
  status: RemediationStatus.optional(),
});
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

/** Whether nothing will happen any more in this attempt. */
export function isTerminal(phase: RemediationPhase | undefined): boolean {
  return phase !== undefined && terminalPhases.has(phase);
}
