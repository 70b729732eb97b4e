import { z } from 'zod';
import { list, mapOf, QualifiedName, text } from '../schema.ts';
import { GateView, PreviewView } from './attempt-view.ts';
import { subresourceSchema } from './subject.ts';

/** Values that a person gives; the template says what each may look like. */
export const GivenParameters = mapOf(text(8192), 64);

export const TriggerRequest = z
  .object({
    rule: QualifiedName.optional().describe(
      'Trigger by this rule, as name or namespace/name. Default: the rule that matches, unless a template is given.',
    ),
    template: QualifiedName.optional().describe(
      "Start this template instead of the rule's, as name or namespace/name. Default namespace: the alert's.",
    ),
    parameters: GivenParameters.optional().describe("Values for the template's variables; they win over the alert's."),
    reason: text(1024).optional().describe('Why, in your own words; kept on the remediation and shown to approvers.'),
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
      .describe('Makes it safe to send the same request again: it is answered with the attempt that it made before.'),
  })
  .describe('What to start for the alert. An empty one triggers it by the rule that matches.');
export type TriggerRequest = z.infer<typeof TriggerRequest>;

export const AegisAlertTriggerPreview = subresourceSchema('AegisAlertTriggerPreview', {
  preview: PreviewView.describe('The attempt that POST would make, or why it would make none.'),
  gates: list(GateView, 32).describe('What each gate says to it now; a gate that blocks makes it wait, not fail.'),
  warnings: list(text(4096), 64).describe('What POST would warn of.'),
}).describe('What POST to the same path would do. Nothing is created.');
export type AegisAlertTriggerPreview = z.infer<typeof AegisAlertTriggerPreview>;
