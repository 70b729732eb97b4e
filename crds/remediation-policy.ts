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

/** Who paused, why and until when; any entry blocks. */
export const Pause = rule(
  z.object({
    reason: text(1024).min(1).describe('Why, for the people who find their work held.'),
    by: text(256).optional().describe('Who paused.'),
    since: Time.optional().describe('Since when.'),
    expires: Time.optional().describe('Until when. Default: until somebody takes it away.'),
  }),
  {
    rule: '!has(self.since) || !has(self.expires) || timestamp(self.since) < timestamp(self.expires)',
    message: 'expires must be later than since',
    fieldPath: '.expires',
  },
  ({ since, expires }) => since === undefined || expires === undefined || Date.parse(since) < Date.parse(expires),
);
export type Pause = z.infer<typeof Pause>;

/** Which remediations a policy is about; an absent field selects all, all given fields must fit. */
export const PolicySelector = z.object({
  namespaces: setList(NamespaceName, 128).optional().describe('Namespaces of the alerts. None given: all.'),
  rules: setList(QualifiedName, 128).optional().describe('Rules, as name or namespace/name. None given: all.'),
  targetKinds: setList(text(63).min(1), 32).optional().describe('Kinds that are acted upon. None given: all.'),
  targetSelector: LabelSelector.optional().describe(
    'Labels of the objects that are acted upon; it also says what a percentage in `budget` is a percentage of.',
  ),
  severities: setList(text(63).min(1), 16).optional().describe('Severities of the alerts. None given: all.'),
  risks: setList(Risk, 3).optional().describe('Risks of the templates. None given: all.'),
});
export type PolicySelector = z.infer<typeof PolicySelector>;

export const PolicyApproval = z.object({
  required: z.int32().min(0).max(10).describe('How many different people must approve; 0 = none.'),
  approverGroups: setList(text(256).min(1), 32)
    .optional()
    .describe('Groups of which an approver must be in one. None given: whoever may use the approve subresource.'),
  requesterMayApprove: z.boolean().default(false).describe('Whether the approval of the requester counts.'),
  timeout: PositiveDuration.default('15m').describe('How long an approval is waited for; then it is denied.'),
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

/** How much may be broken or worked on at once; every given bound must hold. */
export const PolicyBudget = z.object({
  maxUnhealthy: maxUnhealthy
    .optional()
    .describe('Objects that are unhealthy, worked on or about to be: a number, or a percentage that is rounded up.'),
  maxParallel: Count.optional().describe('Remediations at work at the same time; 0 = none may start.'),
  maxPerWindow: z
    .object({
      count: Count.describe('Remediations that may start within the window.'),
      window: PositiveDuration.describe('Its length, such as 1h; it ends now.'),
    })
    .optional()
    .describe('How many remediations may start within a stretch of time.'),
  maxTargets: Count.optional().describe('The absolute bound beside a percentage in `maxUnhealthy`.'),
});
export type PolicyBudget = z.infer<typeof PolicyBudget>;

export const CircuitBreaker = z.object({
  failures: z.int32().min(1).max(100).describe('Failures in a row, of one rule on one kind of target, that open it.'),
  openFor: PositiveDuration.default('1h').describe(
    'How long it stays open; then one attempt may try, with an approval.',
  ),
});

/** When so many alerts come in that acting on each of them would do more harm than good. */
export const StormControl = z.object({
  alerts: z
    .int32()
    .min(1)
    .max(100_000)
    .describe('More new alerts than this within `window` are a storm; counted in the namespaces of the selector.'),
  window: PositiveDuration.default('5m').describe('The stretch of time in which they are counted; it ends now.'),
  cooldown: Duration.default('10m').describe('How long work is held on after the storm is over.'),
});

const TimeOfDay = z
  .string()
  .max(5)
  .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/);

/** A stretch of the day; one that ends before it starts ends on the next day. */
export const MaintenanceWindow = rule(
  z.object({
    days: setList(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']), 7)
      .optional()
      .describe('Days on which it starts. None given: every day.'),
    start: TimeOfDay.describe('When it starts, such as 22:00.'),
    end: TimeOfDay.describe('When it ends, such as 06:00; on the next day when that is earlier than `start`.'),
    timeZone: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9_+/-]+$/)
      .default('UTC')
      .describe('IANA name of the time zone, such as Europe/Berlin.'),
    mode: z.enum(['OnlyDuring', 'NeverDuring']).describe('Whether work may start in this window only, or never in it.'),
  }),
  {
    rule: 'self.start != self.end',
    message: 'start and end must differ: for a whole day leave the window out or name the days of several windows',
    fieldPath: '.end',
  },
  ({ start, end }) => start !== end,
);
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>;

export const PolicyVerification = rule(
  z.object({
    healthyFor: Duration.describe('How long the alert must be silent and the target healthy.'),
    timeout: Duration.describe('How long that is waited for; after that it did not help.'),
  }),
  {
    rule: 'duration(self.timeout) >= duration(self.healthyFor)',
    message: 'timeout must not be shorter than healthyFor, or no verification can ever succeed',
    fieldPath: '.timeout',
  },
  ({ healthyFor, timeout }) => parseDuration(timeout) >= parseDuration(healthyFor),
);

export const RemediationPolicySpec = z.object({
  selector: PolicySelector.optional().describe('Which remediations it is about. Default: all.'),
  approval: PolicyApproval.optional().describe('Who must agree before work starts.'),
  budget: PolicyBudget.optional().describe('How much may be broken or worked on at once.'),
  cooldown: Duration.optional().describe('How long a target is left alone after a remediation.'),
  maxAttempts: z
    .int32()
    .min(1)
    .max(100)
    .optional()
    .describe('Attempts per episode; more than one needs a `verification`. Default: 1.'),
  backoff: Duration.optional().describe('The pause before the second attempt; it doubles for each further one.'),
  circuitBreaker: CircuitBreaker.optional().describe('When to stop trying because it keeps failing.'),
  stormControl: StormControl.optional().describe('When rules start nothing because too many alerts come in.'),
  maintenanceWindows: list(MaintenanceWindow, 32).optional().describe('When work may start.'),
  pause: list(Pause, 32)
    .optional()
    .describe('Any entry blocks new work. For whoever writes the policy; the pause subresource writes status.pauses.'),
  dryRun: z.boolean().optional().describe('Everything but the submission is done.'),
  verification: PolicyVerification.optional().describe('When a remediation counts as having helped.'),
  onResolve: z
    .enum(['LetFinish', 'Stop'])
    .default('LetFinish')
    .describe('What happens to a running Workflow when its alert resolves.'),
});
export type RemediationPolicySpec = z.infer<typeof RemediationPolicySpec>;

export const AegisRemediationPolicy = objectSchema('AegisRemediationPolicy', {
  spec: RemediationPolicySpec.describe('Which remediations, and what they may do.'),
  status: RemediationPolicyStatus.optional().describe('Budget use right now, who holds it, and open breakers.'),
}).describe('Who may do how much. Of several policies that match, the strictest value of each field wins.');
/** Who may do how much, owned by cluster admins. */
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
