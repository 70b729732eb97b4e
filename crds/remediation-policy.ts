import { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { Risk } from './ops-template.ts';
import { RemediationPolicyStatus } from './remediation-policy-status.ts';
import { rule } from './rules.ts';
import {
  Count,
  Duration,
  LabelSelector,
  list,
  NamespaceName,
  PositiveDuration,
  QualifiedName,
  setList,
  text,
  Time,
} from './schema.ts';

/** A pause; any entry that is in effect blocks. */
export const Pause = rule(
  z.object({
    reason: text(1024).min(1).describe('Reason for the pause, shown to users whose remediations it blocks.'),
    by: text(256).optional().describe('User who paused.'),
    since: Time.optional().describe('Start of the pause.'),
    expires: Time.optional().describe('End of the pause. Default: until the entry is removed.'),
  }),
  {
    rule: '!has(self.since) || !has(self.expires) || timestamp(self.since) < timestamp(self.expires)',
    message: 'expires must be later than since',
    fieldPath: '.expires',
  },
  ({ since, expires }) => since === undefined || expires === undefined || Date.parse(since) < Date.parse(expires),
);
export type Pause = z.infer<typeof Pause>;

/** The remediations that a policy applies to; all given fields must match, an absent field matches all. */
export const PolicySelector = z.object({
  namespaces: setList(NamespaceName, 128).optional().describe('Namespaces of the alerts. Default: all.'),
  rules: setList(QualifiedName, 128).optional().describe('Rules, as name or namespace/name. Default: all.'),
  targetKinds: setList(text(63).min(1), 32).optional().describe('Kinds of the targets. Default: all.'),
  targetSelector: LabelSelector.optional().describe(
    'Labels of the targets; the matching objects are also the base of a percentage in `budget`.',
  ),
  severities: setList(text(63).min(1), 16).optional().describe('Severities of the alerts. Default: all.'),
  risks: setList(Risk, 3).optional().describe('Risks of the templates. Default: all.'),
});
export type PolicySelector = z.infer<typeof PolicySelector>;

export const PolicyApproval = z.object({
  required: z.int32().min(0).max(10).describe('Number of different users who must approve; 0 = none.'),
  approverGroups: setList(text(256).min(1), 32)
    .optional()
    .describe(
      'Groups, one of which an approver must be in. Default: every user with access to the approve subresource.',
    ),
  requesterMayApprove: z.boolean().default(false).describe('Whether an approval by the requester counts.'),
  timeout: PositiveDuration.default('15m').describe('Time to wait for approvals; after that the remediation expires.'),
});
export type PolicyApproval = z.infer<typeof PolicyApproval>;

const maxUnhealthy = z
  .union([
    z.int32().min(0),
    z
      .string()
      .max(4)
      .regex(/^([0-9]|[1-9][0-9]|100)%$/),
  ])
  .meta({ 'x-kubernetes-int-or-string': true });

/** How many objects may be unhealthy or in remediation at once; every given limit applies. */
export const PolicyBudget = z.object({
  maxUnhealthy: maxUnhealthy
    .optional()
    .describe('Maximum number of objects that are unhealthy or in remediation, also as a percentage, rounded up.'),
  maxParallel: Count.optional().describe('Maximum number of remediations in progress; 0 = none may start.'),
  maxPerWindow: z
    .object({
      count: Count.describe('Maximum number of remediations that start within the window.'),
      window: PositiveDuration.describe('Length of the window, such as 1h; the window ends now.'),
    })
    .optional()
    .describe('Limit on the number of remediations that start within a window of time.'),
  maxTargets: Count.optional().describe('Absolute limit in addition to a percentage in `maxUnhealthy`.'),
});
export type PolicyBudget = z.infer<typeof PolicyBudget>;

export const CircuitBreaker = z.object({
  failures: z
    .int32()
    .min(1)
    .max(100)
    .describe('Number of consecutive failures, of one rule and one kind of target, that open the breaker.'),
  openFor: PositiveDuration.default('1h').describe(
    'How long the breaker stays open; after that one attempt may start, with an approval.',
  ),
});

/** Holds remediations while so many alerts arrive that acting on each would do more harm than good. */
export const StormControl = z.object({
  alerts: z
    .int32()
    .min(1)
    .max(100_000)
    .describe(
      'Number of new alerts within `window` above which there is a storm; counted in the namespaces of the selector.',
    ),
  window: PositiveDuration.default('5m').describe('Window of time in which alerts are counted; the window ends now.'),
  cooldown: Duration.default('10m').describe('How long remediations are held after a storm has ended.'),
});

const TimeOfDay = z
  .string()
  .max(5)
  .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/);

/** A daily window of time; one that ends before it starts ends on the next day. */
export const MaintenanceWindow = rule(
  z.object({
    days: setList(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']), 7)
      .optional()
      .describe('Days on which the window starts. Default: every day.'),
    start: TimeOfDay.describe('Start of the window, such as 22:00.'),
    end: TimeOfDay.describe('End of the window, such as 06:00; on the next day if earlier than `start`.'),
    timeZone: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9_+/-]+$/)
      .default('UTC')
      .describe('IANA name of the time zone, such as Europe/Berlin.'),
    mode: z
      .enum(['OnlyDuring', 'NeverDuring'])
      .describe('Whether remediations may start only in this window, or never in it.'),
  }),
  {
    rule: 'self.start != self.end',
    message: 'start and end must differ; to cover whole days, combine several windows',
    fieldPath: '.end',
  },
  ({ start, end }) => start !== end,
);
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>;

export const PolicyVerification = rule(
  z.object({
    healthyFor: Duration.describe('How long the alert must be resolved and the target healthy.'),
    timeout: Duration.describe('Time to wait for that; after it the remediation counts as ineffective.'),
  }),
  {
    rule: 'duration(self.timeout) >= duration(self.healthyFor)',
    message: 'timeout must not be shorter than healthyFor, because no verification could succeed',
    fieldPath: '.timeout',
  },
  ({ healthyFor, timeout }) => parseDuration(timeout) >= parseDuration(healthyFor),
);

export const RemediationPolicySpec = z.object({
  selector: PolicySelector.optional().describe('Remediations that the policy applies to. Default: all.'),
  approval: PolicyApproval.optional().describe('Approvals that are required before a remediation starts.'),
  budget: PolicyBudget.optional().describe('Limits on unhealthy objects and on remediations in progress.'),
  cooldown: Duration.optional().describe('Minimum time between two remediations of one target.'),
  maxAttempts: z
    .int32()
    .min(1)
    .max(100)
    .optional()
    .describe('Maximum number of attempts per episode; more than one requires `verification`. Default: 1.'),
  backoff: Duration.optional().describe('Delay before the second attempt; it doubles for each further attempt.'),
  circuitBreaker: CircuitBreaker.optional().describe('Stops remediations that fail repeatedly.'),
  stormControl: StormControl.optional().describe('Holds remediations of rules while too many alerts arrive.'),
  maintenanceWindows: list(MaintenanceWindow, 32)
    .optional()
    .describe('Windows of time in which remediations may, or may not, start.'),
  pause: list(Pause, 32)
    .optional()
    .describe('Pauses, any of which blocks new remediations. The pause subresource writes status.pauses instead.'),
  dryRun: z.boolean().optional().describe('If true, remediations are evaluated but no Workflow is submitted.'),
  verification: PolicyVerification.optional().describe('Criteria by which a remediation counts as effective.'),
  onResolve: z
    .enum(['LetFinish', 'Stop'])
    .default('LetFinish')
    .describe('What to do with a running Workflow when its alert resolves.'),
});
export type RemediationPolicySpec = z.infer<typeof RemediationPolicySpec>;

export const AegisRemediationPolicy = objectSchema('AegisRemediationPolicy', {
  spec: RemediationPolicySpec.describe('Remediations that the policy applies to, and their limits.'),
  status: RemediationPolicyStatus.optional().describe('Use of the budget, circuit breakers and pauses.'),
}).describe(
  'AegisRemediationPolicy limits remediations. Of several matching policies, the strictest value of each field wins.',
);
/** Limits remediations; owned by cluster admins. */
export type AegisRemediationPolicy = CustomObject<
  'AegisRemediationPolicy',
  RemediationPolicySpec,
  RemediationPolicyStatus
>;

export const aegisRemediationPolicies: ResourceType<AegisRemediationPolicy> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisremediationpolicies',
  kind: 'AegisRemediationPolicy',
  namespaced: false,
};
