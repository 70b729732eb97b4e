import { z } from 'zod';
import { list, ObjectName, text } from '../schema.ts';
import { AttemptView, Freshness, GateView, TimelineView } from './attempt-view.ts';
import { subresourceSchema } from './subject.ts';
import { WorkflowManifest } from './workflow-view.ts';

export const AegisRemediationInspection = subresourceSchema('AegisRemediationInspection', {
  alert: z
    .object({
      name: ObjectName.describe('Name.'),
      found: z.boolean().describe('Whether this very alert is still there.'),
      status: text(32).optional().describe('Firing or Resolved, as it is now.'),
      decidedFor: text(32).describe('Firing or Resolved, as it was when this was decided.'),
    })
    .describe('The alert that it is for.'),
  remediation: AttemptView.describe('The attempt, its approvals and its Workflow.'),
  open: z.boolean().describe('Whether anything may still happen in it.'),
  gates: list(GateView, 32).describe('What each gate says now; empty once its Workflow was submitted or it is over.'),
  manifest: z
    .object({
      hash: text(71).describe('What was decided and is approved.'),
      intact: z.boolean().describe('Whether the manifest has that hash.'),
      workflow: WorkflowManifest.optional().describe('The whole Workflow; absent when the manifest is not JSON.'),
    })
    .describe('Exactly what is submitted.'),
  siblings: list(z.object({ name: ObjectName.describe('Name.'), phase: text(32).describe('Its phase.') }), 32).describe(
    'The newest other attempts for the same alert, oldest first.',
  ),
  timeline: list(TimelineView, 200).describe('What happened, oldest first; the newest 200 entries.'),
  freshness: Freshness.describe('How fresh this answer is.'),
}).describe('What an attempt is, what holds it, and what became of it. Computed when asked for; nothing is stored.');
export type AegisRemediationInspection = z.infer<typeof AegisRemediationInspection>;
