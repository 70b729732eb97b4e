import { z } from 'zod';
import { list, ObjectName, text } from '../schema.ts';
import { RenderProblemView } from './attempt-view.ts';
import { subresourceSchema } from './subject.ts';
import { GivenParameters } from './trigger.ts';
import { WorkflowManifest } from './workflow-view.ts';

export const RenderRequest = z
  .object({
    alert: ObjectName.optional().describe(
      'AegisAlert to render for, in the namespace of the template. Default: an alert without data.',
    ),
    parameters: GivenParameters.optional().describe(
      "Values of the template's variables; they take precedence over those of the alert.",
    ),
  })
  .describe('Input for rendering a template.');
export type RenderRequest = z.infer<typeof RenderRequest>;

export const RenderResult = subresourceSchema('RenderResult', {
  ok: z.boolean().describe('Whether the template can be rendered. The request succeeds in either case.'),
  problems: list(RenderProblemView, 50).describe('Problems that prevent rendering; empty if there are none.'),
  variables: list(text(256), 256).describe('Variables that the manifest uses, sorted.'),
  warnings: list(text(4096), 64).describe('Fields of the template that are ignored or not recommended.'),
  alert: ObjectName.optional().describe('Alert that the template was rendered for.'),
  workflow: WorkflowManifest.optional().describe('Rendered Workflow, without name and labels of an attempt.'),
}).describe('RenderResult is the result of rendering a template. Nothing is created.');
export type RenderResult = z.infer<typeof RenderResult>;
