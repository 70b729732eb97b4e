import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { Conditions, Count, Duration, list, mapList, NamespaceName, ObjectName, text } from './schema.ts';

/** How bad it can get when a template does the wrong thing. */
export const Risk = z.enum(['ReadOnly', 'Reversible', 'Destructive']);
export type Risk = z.infer<typeof Risk>;

/** A variable that the template's author declares, to say what it may look like. */
export const TemplateParameter = z.object({
  name: z
    .string()
    .max(128)
    .regex(/^[A-Za-z_][A-Za-z0-9_.\/-]*$/),
  description: text(1024).optional(),
  default: text(8192).optional(),
  /** A RE2 pattern that the whole value must match wherever it can reach a shell. */
  pattern: text(512).optional(),
  required: z.boolean().default(true),
  /** The value is read from a Secret by the Workflow's pod; it never enters the manifest. */
  secretRef: z.object({ name: ObjectName, key: text(253) }).optional(),
});
export type TemplateParameter = z.infer<typeof TemplateParameter>;

export const OpsTemplateSpec = z.object({
  /** An Argo Workflow as YAML text with `{{.name}}` variables. */
  manifest: text(262144).min(1),
  /** Kept from the original and not used: a Workflow has the name of its remediation. */
  generateName: text(253).optional(),
  /** Where the Workflow runs; default: the alert's namespace. */
  namespace: NamespaceName.optional(),
  parameters: mapList(TemplateParameter, ['name'], 64).optional(),
  risk: Risk.default('Reversible'),
  /** How long the Workflow may run; becomes `activeDeadlineSeconds` unless the manifest sets one. */
  timeout: Duration.default('1h'),
});
export type OpsTemplateSpec = z.infer<typeof OpsTemplateSpec>;

export const OpsTemplateStatus = z.object({
  conditions: Conditions.optional(),
  /** The variables that the manifest uses. */
  variables: list(text(128), 256).optional(),
  /** The original's fields: read, never written. */
  status: text(64).optional(),
  executeStatus: z.object({ succeeded: Count.optional(), failed: Count.optional() }).optional(),
});
export type OpsTemplateStatus = z.infer<typeof OpsTemplateStatus>;

export const AegisOpsTemplate = objectSchema('AegisOpsTemplate', {
  spec: OpsTemplateSpec,
  status: OpsTemplateStatus.optional(),
});
/** What to do: an Argo Workflow with variables. */
export type AegisOpsTemplate = CustomObject<'AegisOpsTemplate', OpsTemplateSpec, OpsTemplateStatus>;

export const aegisOpsTemplates: ResourceType<AegisOpsTemplate> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisopstemplates',
  kind: 'AegisOpsTemplate',
  namespaced: true,
};
