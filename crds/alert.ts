import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { immutable, rule, transitionRule } from './rules.ts';
import {
  Count,
  LabelSelector,
  list,
  ObjectName,
  OriginalConditions,
  text,
  textMap,
  Time,
  TtlStrategy,
} from './schema.ts';

/** The sender of an alert; `ai` is free text that a model has parsed. */
export const AlertSource = z.enum([
  'alertmanager',
  'grafana',
  'datadog',
  'zabbix',
  'pagerduty',
  'cloudwatch',
  'default',
  'ai',
]);
export type AlertSource = z.infer<typeof AlertSource>;

/** The sources as the original wrote them: read, never written. */
const originalSources = ['Alertmanager', 'Default', 'AI', 'Poller'] as const;

/** `Resovled` is the original's spelling: read, never written; see `isResolved`. */
export const AlertState = z.enum(['Firing', 'Resolved', 'Resovled']);

/** The object that an alert concerns; every field may be empty, because it may not exist in the cluster. */
export const InvolvedObject = z.object({
  kind: text(63).optional().describe('Kind of the object, such as Node or Pod.'),
  name: text(253).optional().describe('Name of the object.'),
  namespace: text(63).optional().describe('Namespace of the object; empty for cluster-scoped kinds.'),
  node: text(253).optional().describe('Node that the object is or runs on.'),
});
export type InvolvedObject = z.infer<typeof InvolvedObject>;

/** Labels and annotations of the sender. */
export const AlertDetails = textMap(128, 8192);

const AlertFields = z.object({
  source: z
    .enum([...AlertSource.options, ...originalSources])
    .optional()
    .describe('Sender of the alert. Written in lower case; the capitalised values of the original are accepted.'),
  type: immutable(text(253).min(1), 'type is immutable: create another AegisAlert for another type').describe(
    'Type of the alert, which rules match: its name at the sender.',
  ),
  severity: text(63).optional().describe('Severity, as the sender names it.'),
  status: AlertState.default('Firing').describe(
    'Status that the sender reported last. Resolved is final: an alert that fires again becomes a new AegisAlert.',
  ),
  fingerprint: text(256).optional().describe('Identifies the alert at its sender; all episodes share it.'),
  involvedObject: InvolvedObject.optional().describe('Object that the alert concerns.'),
  details: AlertDetails.optional().describe('Further data from the sender; templates can use each key as a variable.'),
  detials: AlertDetails.optional().describe("The original's spelling of `details`, read when `details` is absent."),
  startsAt: Time.optional().describe('Start of the alert, by the clock of the sender.'),
  endsAt: Time.optional().describe('End of the alert, by the clock of the sender.'),
  trust: z
    .enum(['Parsed', 'Inferred'])
    .default('Parsed')
    .describe(
      'Parsed from a known format, or Inferred from free text by a model; a user must confirm inferred alerts.',
    ),
  ttlStrategy: TtlStrategy.extend({
    secondsAfterNoOps: Count.optional().describe('Seconds to keep the alert when no remediation was started.'),
  })
    .optional()
    .describe('How long the alert is kept after the episode and its remediations have ended.'),
  selector: LabelSelector.optional().describe('Field of the original; accepted and ignored.'),
});

export const AlertSpec = transitionRule(
  transitionRule(AlertFields, {
    rule: '!has(oldSelf.fingerprint) || (has(self.fingerprint) && self.fingerprint == oldSelf.fingerprint)',
    message: 'fingerprint is immutable: create another AegisAlert for another fingerprint',
    fieldPath: '.fingerprint',
  }),
  {
    rule: "oldSelf.status == 'Firing' || self.status != 'Firing'",
    message: 'status cannot change from Resolved: create a new AegisAlert when the alert fires again',
    fieldPath: '.status',
  },
);
export type AlertSpec = z.infer<typeof AlertSpec>;

/** Result of matching the alert with the rules. The misspelt value is the original's: read, never written. */
export const TriggerStatus = z.enum([
  'RuleNotFound',
  'RuleErrorFound',
  'TooManyRulesFound',
  'TooManyRuletFound',
  'TemplateNotFound',
  'TemplateInvalid',
  'TriggerFailed',
  'Triggered',
  'Blocked',
  'AwaitingApproval',
]);
export type TriggerStatus = z.infer<typeof TriggerStatus>;

export const AlertOpsState = z.enum(['Pending', 'Running', 'Succeeded', 'Failed']);
export type AlertOpsState = z.infer<typeof AlertOpsState>;

export const AlertOpsStatus = z.object({
  triggerStatus: TriggerStatus.optional().describe('Result of matching the alert with the rules.'),
  alertOpsStatus: AlertOpsState.optional().describe('Progress of the newest remediation.'),
  startTime: Time.optional().describe('Time at which the first remediation started.'),
  completionTime: Time.optional().describe(
    'Time at which the last remediation ended; absent while one is in progress.',
  ),
  total: Count.optional().describe('Number of remediations.'),
  active: Count.optional().describe('Number of remediations that have not ended.'),
  succeeded: Count.optional().describe('Number of remediations that succeeded.'),
  failed: Count.optional().describe('Number of remediations that failed.'),
});
export type AlertOpsStatus = z.infer<typeof AlertOpsStatus>;

const ListedRemediation = z.object({
  name: ObjectName.describe('Name of the AegisRemediation, in the namespace of the alert.'),
  rule: text(317).describe('Rule that requested the remediation, as namespace/name; empty when a user did.'),
  phase: text(32).describe('Phase of the remediation.'),
});

export const AlertStatus = z.object({
  status: AlertState.optional().describe('Status that Aegis has processed; `spec.status` is the one reported last.'),
  count: Count.default(1).describe('Number of times that the alert was received; updated about once a second.'),
  startTime: Time.optional().describe('Start of the episode.'),
  lastSeenTime: Time.optional().describe(
    'Time at which the alert was last received, or last confirmed as firing by Alertmanager.',
  ),
  conditions: OriginalConditions.optional().describe('Conditions Triggered, Resolved, Stale and AttemptsExhausted.'),
  opsStatus: AlertOpsStatus.optional().describe('State of the remediations of this alert.'),
  remediations: list(ListedRemediation, 32).optional().describe('Newest remediations, oldest first.'),
  diagnosisRef: z
    .object({ name: ObjectName.describe('Name of the AegisDiagnosis, in the namespace of the alert.') })
    .optional()
    .describe('Latest diagnosis of the object that the alert concerns.'),
  silencedUntil: Time.optional().describe(
    'No remediation starts before this time; set through the silence subresource.',
  ),
  silencedBy: text(256).optional().describe('User who silenced the alert.'),
  silenceReason: text(1024).optional().describe('Reason for the silence.'),
  acknowledgedBy: text(256).optional().describe('User who acknowledged the alert.'),
});
export type AlertStatus = z.infer<typeof AlertStatus>;

export const AegisAlert = rule(
  objectSchema('AegisAlert', {
    spec: AlertSpec.describe('Alert as the sender reported it.'),
    status: AlertStatus.prefault({}).describe('State of the alert as Aegis observes it.'),
  }).describe('AegisAlert is one episode of an alert, from its first firing to its resolution.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 57',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 57 characters, because names of remediations extend it',
  },
  ({ metadata }) => (metadata.name ?? '').length <= 57,
);
/** One episode of one fingerprint. */
export type AegisAlert = CustomObject<'AegisAlert', AlertSpec, AlertStatus>;

export const aegisAlerts: ResourceType<AegisAlert> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisalerts',
  kind: 'AegisAlert',
  namespaced: true,
};

/** Returns whether the sender last reported the alert as resolved, in either spelling. */
export function isResolved(alert: AegisAlert): boolean {
  return alert.spec.status !== 'Firing';
}

/** Returns the alert's details, stored under either spelling. */
export function detailsOf(alert: AegisAlert): Record<string, string> {
  return alert.spec.details ?? alert.spec.detials ?? {};
}
