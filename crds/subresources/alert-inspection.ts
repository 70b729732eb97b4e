import { z } from 'zod';
import { AlertOpsState, AlertState, InvolvedObject, TriggerStatus } from '../alert.ts';
import { list, ObjectName, text, Time } from '../schema.ts';
import { AttemptView, Freshness, GateView, PreviewView, RenderProblemView, TimelineView } from './attempt-view.ts';
import { Origin, subresourceSchema } from './subject.ts';

const RuleTemplateView = z.object({
  name: ObjectName.describe('Name.'),
  namespace: text(63).describe('Namespace.'),
  exists: z.boolean().describe('Whether there is such a template.'),
  renders: z.boolean().optional().describe('Whether it can be rendered for this alert; tried for rules that match.'),
  problems: list(RenderProblemView, 50).optional().describe('All that keeps it from being rendered.'),
});

/** What one rule says to an alert. */
export const RuleView = z.object({
  name: ObjectName.describe('Name.'),
  namespace: text(63).describe('Namespace.'),
  generation: z.int().min(0).optional().describe('Its metadata.generation.'),
  priority: z.int().describe('The highest of those that match wins.'),
  verdict: z
    .enum(['Chosen', 'Tied', 'Outranked', 'Broken', 'Mismatch'])
    .describe(
      'Chosen = it starts its template. Tied = it matches, and so does another of the same priority. Outranked = it matches, but another has a higher priority. Broken = it might match, but part of it cannot be read. Mismatch = it does not match.',
    ),
  reason: text(4096).describe('Why.'),
  template: RuleTemplateView.optional().describe('What it would start.'),
});
export type RuleView = z.infer<typeof RuleView>;

const AlertView = z.object({
  type: text(253).describe('What is wrong.'),
  severity: text(63).optional().describe('How bad it is, in the words of the sender.'),
  source: text(63).optional().describe('Who sent it.'),
  fingerprint: text(256).optional().describe('What the sender tells its alerts apart by.'),
  status: AlertState.describe('What was last heard of it.'),
  involvedObject: InvolvedObject.optional().describe('What the alert is about.'),
  count: z.int().min(0).describe('How often it was received.'),
  startTime: Time.optional().describe('When the episode began.'),
  lastSeenTime: Time.optional().describe('When it was received the last time.'),
});

const TriggerView = z.object({
  status: TriggerStatus.optional().describe('What the worker came to; absent while it has not looked.'),
  message: text(32768).optional().describe('Why, in words.'),
  since: Time.optional().describe('Since when.'),
  opsStatus: AlertOpsState.optional().describe('How far the newest remediation is.'),
});

export const AegisAlertInspection = subresourceSchema('AegisAlertInspection', {
  alert: AlertView.describe('The alert itself.'),
  trigger: TriggerView.describe('What is recorded on the alert: whether it led to action.'),
  silenced: z
    .object({
      until: Time.describe('Nothing new is started before.'),
      active: z.boolean().describe('Whether it is still on.'),
    })
    .optional()
    .describe('Absent when nobody silenced it.'),
  acknowledgedBy: text(256).optional().describe('Who said that she takes care of it.'),
  matching: z
    .object({
      outcome: text(63).describe('Matched, RuleNotFound, RuleErrorFound or TooManyRulesFound.'),
      message: text(32768).describe('Which rules, in words.'),
      rule: Origin.optional().describe('The rule that acts on it.'),
    })
    .describe('What the rules say now.'),
  rules: list(RuleView, 200).describe(
    'Every rule and what it says: first the chosen one, last those that do not match.',
  ),
  rulesLeftOut: z.int().min(0).describe('How many more rules there are, all behind those that are shown.'),
  preview: PreviewView.describe('The attempt that is open, else the one that would be made.'),
  gates: list(GateView, 32).describe('What each gate says to that attempt now; empty when there is none.'),
  remediations: list(AttemptView, 32).describe('The newest attempts, oldest first.'),
  remediationsLeftOut: z.int().min(0).describe('How many older attempts there are.'),
  timeline: list(TimelineView, 200).describe('What happened, oldest first; the newest 200 entries.'),
  freshness: Freshness.describe('How fresh this answer is.'),
}).describe('Why an alert did or did not lead to action, in one object. Computed when asked for; nothing is stored.');
export type AegisAlertInspection = z.infer<typeof AegisAlertInspection>;
