import { z } from 'zod';
import { list, mapOf, QualifiedName, text } from '../schema.ts';
import { GateView, PreviewView } from './attempt-view.ts';
import { subresourceSchema } from './subject.ts';

/** Values that a user gives; the template constrains each. */
export const GivenParameters = mapOf(text(8192), 64);

export const TriggerRequest = z
  .object({
    rule: QualifiedName.optional().describe(
      'Rule to trigger, as name or namespace/name. Default: the matching rule, unless a template is given.',
    ),
    template: QualifiedName.optional().describe(
      "Template to start instead of the rule's, as name or namespace/name. Default namespace: the alert's.",
    ),
    parameters: GivenParameters.optional().describe(
      "Values of the template's variables; they take precedence over those of the alert.",
    ),
    reason: text(1024).optional().describe('Reason for the request; stored on the remediation and shown to approvers.'),
    dryRun: z
      .boolean()
      .optional()
      .describe('Record an attempt that ends as DryRun and never acts. To record nothing at all, use ?dryRun=All.'),
    requestID: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z0-9._:-]+$/)
      .optional()
      .describe(
        'ID that makes the request idempotent: a repeated request returns the attempt that the first one created.',
      ),
  })
  .describe('Remediation to start for the alert. An empty request triggers the matching rule.');
export type TriggerRequest = z.infer<typeof TriggerRequest>;

export const AegisAlertTriggerPreview = subresourceSchema('AegisAlertTriggerPreview', {
  preview: PreviewView.describe('Attempt that POST would create, or the reason why it would not.'),
  gates: list(GateView, 32).describe('Current result of each gate for it; a gate that blocks delays the attempt.'),
  warnings: list(text(4096), 64).describe('Warnings that POST would return.'),
}).describe('AegisAlertTriggerPreview is the result that POST to the same path would have. Nothing is created.');
export type AegisAlertTriggerPreview = z.infer<typeof AegisAlertTriggerPreview>;
