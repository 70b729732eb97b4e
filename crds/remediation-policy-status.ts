import { z } from 'zod';
import { Conditions, Count, Generation, mapList, QualifiedName, text, Time } from './schema.ts';

/** A remediation that holds a part of the budget: from the time at which it is admitted until it ends. */
export const Reservation = z.object({
  remediation: QualifiedName.describe('The AegisRemediation as namespace/name.'),
  uid: text(64).describe('UID of the AegisRemediation.'),
  target: text(400).optional().describe('Target of the remediation, as kind/namespace/name.'),
  time: Time.describe('Time at which the remediation was admitted.'),
});
export type Reservation = z.infer<typeof Reservation>;

/** A start that counts within `budget.maxPerWindow`. */
export const RecentStart = z.object({
  remediation: QualifiedName.describe('The AegisRemediation as namespace/name.'),
  time: Time.describe('Time at which the remediation was admitted.'),
});

/** The circuit breaker of one rule and one kind of target. */
export const BreakerState = z.object({
  rule: text(317).describe('Rule, as namespace/name; empty for remediations that users requested.'),
  targetKind: text(63).describe('Kind of the target.'),
  state: z
    .enum(['Closed', 'Open', 'HalfOpen'])
    .describe('State of the breaker. Open: no attempt starts. HalfOpen: one attempt may start.'),
  failures: Count.describe('Number of consecutive failures.'),
  openUntil: Time.optional().describe('Time at which an open breaker becomes half-open.'),
});
export type BreakerState = z.infer<typeof BreakerState>;

/** A pause that a user requested through the API. */
export const StatusPause = z.object({
  id: text(64).min(1).describe('ID of the pause.'),
  reason: text(1024).describe('Reason for the pause.'),
  by: text(256).describe('Kubernetes user name of the user who paused.'),
  since: Time.describe('Start of the pause.'),
  expires: Time.optional().describe('End of the pause. Default: until it is resumed.'),
});
export type StatusPause = z.infer<typeof StatusPause>;

export const BudgetUse = z.object({
  selected: Count.optional().describe('Number of objects that the selector matches; the base of a percentage.'),
  allowed: Count.optional().describe('Number of selected objects that may be unhealthy or in remediation.'),
  unhealthy: Count.optional().describe(
    'Number of selected objects that are unhealthy, including those that others cordoned.',
  ),
  running: Count.optional().describe('Number of remediations in progress.'),
  startedInWindow: Count.optional().describe('Number of remediations that started within the window.'),
});

export const RemediationPolicyStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that this status describes.'),
  paused: z.boolean().optional().describe('Whether a pause of spec or status is in effect.'),
  budget: BudgetUse.optional().describe('Current use of the budget.'),
  reservations: mapList(Reservation, ['remediation'], 1024)
    .optional()
    .describe('Remediations that hold a part of the budget.'),
  recentStarts: mapList(RecentStart, ['remediation'], 1024)
    .optional()
    .describe('Starts that count within the window of `budget.maxPerWindow`.'),
  breakers: mapList(BreakerState, ['rule', 'targetKind'], 256)
    .optional()
    .describe('Circuit breakers with at least one failure.'),
  pauses: mapList(StatusPause, ['id'], 64)
    .optional()
    .describe('Pauses requested through the API; each is removed by the user who requested it.'),
  conditions: Conditions.optional().describe(
    'Condition Ready; False when the policy cannot be evaluated and therefore blocks.',
  ),
});
export type RemediationPolicyStatus = z.infer<typeof RemediationPolicyStatus>;
