import { z } from 'zod';
import { Conditions, Count, Generation, mapList, QualifiedName, text, Time } from './schema.ts';

/** One remediation that holds a part of the budget: reserved when it is let pass, freed when it is done. */
export const Reservation = z.object({
  remediation: QualifiedName.describe('The AegisRemediation as namespace/name.'),
  uid: text(64).describe('Its metadata.uid.'),
  target: text(400).optional().describe('What it acts upon, as kind/namespace/name.'),
  time: Time.describe('When it was let pass.'),
});
export type Reservation = z.infer<typeof Reservation>;

/** One start that still counts within `budget.maxPerWindow`. */
export const RecentStart = z.object({
  remediation: QualifiedName.describe('The AegisRemediation as namespace/name.'),
  time: Time.describe('When it was let pass.'),
});

/** The breaker of one rule on one kind of target. */
export const BreakerState = z.object({
  rule: text(317).describe('The rule as namespace/name; empty when people asked.'),
  targetKind: text(63).describe('The kind that is acted upon.'),
  state: z.enum(['Closed', 'Open', 'HalfOpen']).describe('Open: nothing starts; HalfOpen: one attempt may try.'),
  failures: Count.describe('Failures in a row.'),
  openUntil: Time.optional().describe('When an open breaker becomes half-open.'),
});
export type BreakerState = z.infer<typeof BreakerState>;

/** A pause that somebody asked for through the API. */
export const StatusPause = z.object({
  id: text(64).min(1).describe('Tells the entries apart.'),
  reason: text(1024).describe('Why.'),
  by: text(256).describe('Kubernetes user name of who paused.'),
  since: Time.describe('Since when.'),
  expires: Time.optional().describe('Until when. Absent: until somebody resumes.'),
});
export type StatusPause = z.infer<typeof StatusPause>;

export const BudgetUse = z.object({
  selected: Count.optional().describe('Objects that the selector finds; what a percentage is taken of.'),
  allowed: Count.optional().describe('Of these, how many may be unhealthy or worked on.'),
  unhealthy: Count.optional().describe('Of these, how many are unhealthy, cordoned by others included.'),
  running: Count.optional().describe('Remediations at work.'),
  startedInWindow: Count.optional().describe('Remediations that started within the window.'),
});

export const RemediationPolicyStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that was looked at.'),
  paused: z.boolean().optional().describe('Whether any pause, of spec or status, is in force.'),
  budget: BudgetUse.optional().describe('Use of the budget right now.'),
  reservations: mapList(Reservation, ['remediation'], 1024).optional().describe('Who holds the budget.'),
  recentStarts: mapList(RecentStart, ['remediation'], 1024)
    .optional()
    .describe('What still counts within the window of `budget.maxPerWindow`.'),
  breakers: mapList(BreakerState, ['rule', 'targetKind'], 256).optional().describe('Breakers that counted a failure.'),
  pauses: mapList(StatusPause, ['id'], 64)
    .optional()
    .describe('Pauses asked for through the API; each is taken away by its owner.'),
  conditions: Conditions.optional().describe(
    'Ready, with the reason when the policy cannot be evaluated and so blocks.',
  ),
});
export type RemediationPolicyStatus = z.infer<typeof RemediationPolicyStatus>;
