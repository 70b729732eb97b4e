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

/** Where an alert came from; `ai` is free text read by a model. */
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

/** What the alert is about; every field may be empty, since alerts speak of things that the cluster may not know. */
export const InvolvedObject = z.object({
  kind: text(63).optional().describe('Kind, such as Node or Pod.'),
  name: text(253).optional().describe('Name.'),
  namespace: text(63).optional().describe('Namespace, unless it is cluster-scoped.'),
  node: text(253).optional().describe('The node it is or runs on.'),
});
export type InvolvedObject = z.infer<typeof InvolvedObject>;

/** What an alert says besides its identity: labels and annotations of the sender. */
export const AlertDetails = textMap(128, 8192);

const AlertFields = z.object({
  source: z
    .enum([...AlertSource.options, ...originalSources])
    .optional()
    .describe('Who sent it. Written in lower case; the capitals of the original are read as well.'),
  type: immutable(text(253).min(1), 'an alert keeps its type: another type is another alert').describe(
    'What is wrong, as rules match it: the name of the alert at its sender.',
  ),
  severity: text(63).optional().describe('How bad it is, in the words of the sender.'),
  status: AlertState.default('Firing').describe(
    'What was last heard of it. Once Resolved it stays so: when it fires again, that is a new AegisAlert.',
  ),
  fingerprint: text(256).optional().describe('What the sender tells its alerts apart by; all episodes share it.'),
  involvedObject: InvolvedObject.optional().describe('What the alert is about.'),
  details: AlertDetails.optional().describe('What else the sender said; templates use each key as a variable.'),
  detials: AlertDetails.optional().describe("The original's spelling of `details`, read when that is absent."),
  startsAt: Time.optional().describe('When it began, by the clock of the sender.'),
  endsAt: Time.optional().describe('When it ended, by the clock of the sender.'),
  trust: z
    .enum(['Parsed', 'Inferred'])
    .default('Parsed')
    .describe('Parsed from a known format, or Inferred from free text by a model; a person must confirm the latter.'),
  ttlStrategy: TtlStrategy.extend({
    secondsAfterNoOps: Count.optional().describe('Seconds to keep it when no remediation was started.'),
  })
    .optional()
    .describe('How long the object is kept after the episode and its remediations are over.'),
  selector: LabelSelector.optional().describe('Of the original: accepted, not used.'),
});

export const AlertSpec = transitionRule(
  transitionRule(AlertFields, {
    rule: '!has(oldSelf.fingerprint) || (has(self.fingerprint) && self.fingerprint == oldSelf.fingerprint)',
    message: 'an alert keeps its fingerprint: another fingerprint is another alert',
    fieldPath: '.fingerprint',
  }),
  {
    rule: "oldSelf.status == 'Firing' || self.status != 'Firing'",
    message: 'a resolved alert stays resolved: when it fires again, that is a new AegisAlert',
    fieldPath: '.status',
  },
);
export type AlertSpec = z.infer<typeof AlertSpec>;

/** What came of matching the alert with the rules. The misspelt value is the original's, read and never written. */
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
  triggerStatus: TriggerStatus.optional().describe('What came of matching the alert with the rules.'),
  alertOpsStatus: AlertOpsState.optional().describe('How far the newest remediation is.'),
  startTime: Time.optional().describe('When the first remediation was started.'),
  completionTime: Time.optional().describe('When the last remediation was done; absent while one is at work.'),
  total: Count.optional().describe('Remediations so far.'),
  active: Count.optional().describe('Remediations that are not done.'),
  succeeded: Count.optional().describe('Remediations that succeeded.'),
  failed: Count.optional().describe('Remediations that failed.'),
});
export type AlertOpsStatus = z.infer<typeof AlertOpsStatus>;

const ListedRemediation = z.object({
  name: ObjectName.describe('The AegisRemediation, in the namespace of the alert.'),
  rule: text(317).describe('The rule that asked for it as namespace/name; empty when a person did.'),
  phase: text(32).describe('Its phase.'),
});

export const AlertStatus = z.object({
  status: AlertState.optional().describe('What Aegis has acted upon; `spec.status` is what was last heard.'),
  count: Count.default(1).describe('How often the alert was received; written about once a second.'),
  startTime: Time.optional().describe('When the episode began.'),
  lastSeenTime: Time.optional().describe(
    'When the alert was received the last time, or when Alertmanager was last asked and said that it still fires.',
  ),
  conditions: OriginalConditions.optional().describe(
    'Triggered, Resolved, Stale and AttemptsExhausted, each with its reason.',
  ),
  opsStatus: AlertOpsStatus.optional().describe('What is being done about it.'),
  remediations: list(ListedRemediation, 32).optional().describe('The newest remediations, oldest first.'),
  diagnosisRef: z
    .object({ name: ObjectName.describe('The AegisDiagnosis, in the namespace of the alert.') })
    .optional()
    .describe('The latest diagnosis of what the alert is about.'),
  silencedUntil: Time.optional().describe('Nothing new is started before; set through the silence subresource.'),
  silencedBy: text(256).optional().describe('Who silenced it.'),
  silenceReason: text(1024).optional().describe('Why it was silenced.'),
  acknowledgedBy: text(256).optional().describe('Who said that she takes care of it.'),
});
export type AlertStatus = z.infer<typeof AlertStatus>;

export const AegisAlert = rule(
  objectSchema('AegisAlert', {
    spec: AlertSpec.describe('What was heard from the sender.'),
    status: AlertStatus.prefault({}).describe('What Aegis made of it.'),
  }).describe('One alert, from its first firing to its end: one episode of one fingerprint.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 57',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 57 characters, so that a remediation can be named after the alert',
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

/** Whether the last word of the sender was that the alert is over, in either spelling. */
export function isResolved(alert: AegisAlert): boolean {
  return alert.spec.status !== 'Firing';
}

/** The alert's details, under whichever spelling they were stored. */
export function detailsOf(alert: AegisAlert): Record<string, string> {
  return alert.spec.details ?? alert.spec.detials ?? {};
}
