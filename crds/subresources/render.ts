import { z } from 'zod';
import { list, ObjectName, text } from '../schema.ts';
import { RenderProblemView } from './attempt-view.ts';
import { subresourceSchema } from './subject.ts';
import { GivenParameters } from './trigger.ts';
import { WorkflowManifest } from './workflow-view.ts';

export const RenderRequest = z
  .object({
    alert: ObjectName.optional().describe(
      'Render for this AegisAlert, in the namespace of the template. Default: an alert that says nothing.',
    ),
    parameters: GivenParameters.optional().describe("Values for the template's variables; they win over the alert's."),
  })
  .describe('What to render a template with.');
export type RenderRequest = z.infer<typeof RenderRequest>;

export const RenderResult = subresourceSchema('RenderResult', {
  ok: z.boolean().describe('Whether the template can be rendered; a template that cannot is no error of the request.'),
  problems: list(RenderProblemView, 50).describe('All that stands against it; empty when it can be rendered.'),
  variables: list(text(256), 256).describe('The variables that the manifest uses, sorted.'),
  warnings: list(text(4096), 64).describe('What is ignored or unwise in the template.'),
  alert: ObjectName.optional().describe('The alert that it was rendered for.'),
  workflow: WorkflowManifest.optional().describe('The Workflow, without what identifies it in the cluster.'),
}).describe('What a template comes to. Nothing is created.');
export type RenderResult = z.infer<typeof RenderResult>;
