import { z } from 'zod';
import { list, ObjectName, text } from '../schema.ts';
import { AttemptView, Freshness, GateView, TimelineView } from './attempt-view.ts';
import { subresourceSchema } from './subject.ts';
import { WorkflowManifest } from './workflow-view.ts';

export const AegisRemediationInspection = subresourceSchema('AegisRemediationInspection', {
  alert: z
    .object({
      name: ObjectName.describe('Name of the alert.'),
      found: z.boolean().describe('Whether the alert still exists, with the same UID.'),
      status: text(32).optional().describe('Current status: Firing or Resolved.'),
      decidedFor: text(32).describe('Status at the time of the decision: Firing or Resolved.'),
    })
    .describe('Alert of the attempt.'),
  remediation: AttemptView.describe('Attempt with its approvals and its Workflow.'),
  open: z.boolean().describe('Whether the attempt has not ended.'),
  gates: list(GateView, 32).describe(
    'Current result of each gate; empty after the Workflow was submitted or the attempt has ended.',
  ),
  manifest: z
    .object({
      hash: text(71).describe('Hash that approvals refer to.'),
      intact: z.boolean().describe('Whether the manifest matches the hash.'),
      workflow: WorkflowManifest.optional().describe('Complete Workflow; absent if the manifest is not JSON.'),
    })
    .describe('Workflow exactly as it is submitted.'),
  siblings: list(
    z.object({ name: ObjectName.describe('Name of the attempt.'), phase: text(32).describe('Phase of the attempt.') }),
    32,
  ).describe('Newest other attempts for the same alert, oldest first.'),
  timeline: list(TimelineView, 200).describe('Newest 200 entries of the timeline, oldest first.'),
  freshness: Freshness.describe('Freshness of this response.'),
}).describe('AegisRemediationInspection explains the state of an attempt. Computed on request; not stored.');
export type AegisRemediationInspection = z.infer<typeof AegisRemediationInspection>;
