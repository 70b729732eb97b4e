import { z } from 'zod';
import { AlertOpsState, AlertState, InvolvedObject, TriggerStatus } from '../alert.ts';
import { list, ObjectName, text, Time } from '../schema.ts';
import { AttemptView, Freshness, GateView, PreviewView, RenderProblemView, TimelineView } from './attempt-view.ts';
import { Origin, subresourceSchema } from './subject.ts';

const RuleTemplateView = z.object({
  name: ObjectName.describe('Name of the template.'),
  namespace: text(63).describe('Namespace of the template.'),
  exists: z.boolean().describe('Whether the template exists.'),
  renders: z
    .boolean()
    .optional()
    .describe('Whether the template can be rendered for this alert; evaluated for matching rules only.'),
  problems: list(RenderProblemView, 50).optional().describe('Problems that prevent rendering.'),
});

/** How one rule applies to an alert. */
export const RuleView = z.object({
  name: ObjectName.describe('Name of the rule.'),
  namespace: text(63).describe('Namespace of the rule.'),
  generation: z.int().min(0).optional().describe('The `metadata.generation` of the rule.'),
  priority: z.int().describe('Priority of the rule; the highest of the matching rules wins.'),
  verdict: z
    .enum(['Chosen', 'Tied', 'Outranked', 'Broken', 'Mismatch'])
    .describe(
      'Chosen = the rule starts its template. Tied = another matching rule has the same priority. Outranked = another matching rule has a higher priority. Broken = the rule might match, but a part of it is invalid. Mismatch = the rule does not match.',
    ),
  reason: text(4096).describe('Explanation of the verdict.'),
  template: RuleTemplateView.optional().describe('Template of the rule.'),
});
export type RuleView = z.infer<typeof RuleView>;

const AlertView = z.object({
  type: text(253).describe('Type of the alert.'),
  severity: text(63).optional().describe('Severity, as the sender names it.'),
  source: text(63).optional().describe('Sender of the alert.'),
  fingerprint: text(256).optional().describe('Identifies the alert at its sender.'),
  status: AlertState.describe('Status that the sender reported last.'),
  involvedObject: InvolvedObject.optional().describe('Object that the alert concerns.'),
  count: z.int().min(0).describe('Number of times that the alert was received.'),
  startTime: Time.optional().describe('Start of the episode.'),
  lastSeenTime: Time.optional().describe('Time at which the alert was last received.'),
});

const TriggerView = z.object({
  status: TriggerStatus.optional().describe(
    'Result of matching by the worker; absent until the worker has matched the alert.',
  ),
  message: text(32768).optional().describe('Details for users.'),
  since: Time.optional().describe('Time of the last change.'),
  opsStatus: AlertOpsState.optional().describe('Progress of the newest remediation.'),
});

export const AegisAlertInspection = subresourceSchema('AegisAlertInspection', {
  alert: AlertView.describe('Alert as stored.'),
  trigger: TriggerView.describe('Trigger result that is recorded on the alert.'),
  silenced: z
    .object({
      until: Time.describe('No remediation starts before this time.'),
      active: z.boolean().describe('Whether the silence is in effect.'),
    })
    .optional()
    .describe('Silence of the alert; absent if there is none.'),
  acknowledgedBy: text(256).optional().describe('User who acknowledged the alert.'),
  matching: z
    .object({
      outcome: text(63).describe('Matched, RuleNotFound, RuleErrorFound or TooManyRulesFound.'),
      message: text(32768).describe('Details for users.'),
      rule: Origin.optional().describe('Rule that was chosen.'),
    })
    .describe('Result of matching the alert with the current rules.'),
  rules: list(RuleView, 200).describe('All rules with their verdicts: the chosen rule first, mismatches last.'),
  rulesLeftOut: z.int().min(0).describe('Number of further rules that are not listed.'),
  preview: PreviewView.describe('The open attempt, or else the one that would be created.'),
  gates: list(GateView, 32).describe('Current result of each gate for that attempt; empty if there is no attempt.'),
  remediations: list(AttemptView, 32).describe('Newest attempts, oldest first.'),
  remediationsLeftOut: z.int().min(0).describe('Number of older attempts that are not listed.'),
  timeline: list(TimelineView, 200).describe('Newest 200 entries of the timeline, oldest first.'),
  freshness: Freshness.describe('Freshness of this response.'),
}).describe(
  'AegisAlertInspection explains why an alert did or did not start a remediation. Computed on request; not stored.',
);
export type AegisAlertInspection = z.infer<typeof AegisAlertInspection>;
