import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { rule } from './rules.ts';
import { Conditions, Count, list, mapList, NamespaceName, ObjectName, PositiveDuration, text } from './schema.ts';

/** The damage that a template can do. */
export const Risk = z.enum(['ReadOnly', 'Reversible', 'Destructive']);
export type Risk = z.infer<typeof Risk>;

/** Variables that every alert has: its own name, and the object that it concerns. */
const builtIns = [
  'node',
  'AlertName',
  'AlertNamespace',
  'InvolvedObjectKind',
  'InvolvedObjectName',
  'InvolvedObjectNamespace',
  'InvolvedObjectNode',
];

const TemplateParameterFields = rule(
  z.object({
    name: z
      .string()
      .max(128)
      .regex(/^[A-Za-z_][A-Za-z0-9_./-]*$/)
      .describe('Name of the variable; the manifest uses it as {{.name}}.'),
    description: text(1024).optional().describe('Purpose of the variable, for users who trigger and approve.'),
    default: text(8192).optional().describe('Value to use when no other is given.'),
    pattern: text(512)
      .optional()
      .describe(
        'RE2 pattern that the whole value must match where it can reach a shell. Default: [A-Za-z0-9._:/@=+-]{1,253}',
      ),
    required: z.boolean().default(true).describe('Whether an absent or empty value is an error.'),
    secretRef: z
      .object({
        name: ObjectName.describe('Name of the Secret, in the namespace where the Workflow runs.'),
        key: text(253).describe('Key in the Secret.'),
      })
      .optional()
      .describe("Secret from which the Workflow's pod reads the value; it never enters the manifest."),
  }),
  {
    rule: '!has(self.secretRef) || (!has(self.default) && !has(self.pattern))',
    message: 'secretRef cannot be combined with default or pattern, because Aegis never reads the value',
    fieldPath: '.secretRef',
  },
  (parameter) =>
    parameter.secretRef === undefined || (parameter.default === undefined && parameter.pattern === undefined),
);

/** A variable that the template declares, with constraints on its value. */
export const TemplateParameter = rule(
  TemplateParameterFields,
  {
    rule: `!has(self.secretRef) || !(self.name in [${builtIns.map((name) => `'${name}'`).join(', ')}])`,
    message: 'this variable is built in and set from the alert: choose another name for a secretRef',
    fieldPath: '.name',
  },
  ({ name, secretRef }) => secretRef === undefined || !builtIns.includes(name),
);
export type TemplateParameter = z.infer<typeof TemplateParameter>;

export const OpsTemplateSpec = z.object({
  manifest: text(262144).min(1).describe('Argo Workflow as YAML text with {{.name}} variables.'),
  generateName: text(253)
    .optional()
    .describe('Field of the original; accepted and ignored, because a Workflow has the name of its remediation.'),
  namespace: NamespaceName.optional().describe("Namespace of the Workflow. Default: the alert's namespace."),
  parameters: mapList(TemplateParameter, ['name'], 64)
    .optional()
    .describe("Variables besides the built-in ones, and constraints on values from the alert's details."),
  risk: Risk.default('Reversible').describe('Damage that the template can do.'),
  timeout: PositiveDuration.default('1h').describe(
    'Maximum duration of the Workflow, such as 90s or 1h30m; sets activeDeadlineSeconds unless the manifest does.',
  ),
});
export type OpsTemplateSpec = z.infer<typeof OpsTemplateSpec>;

export const OpsTemplateStatus = z.object({
  conditions: Conditions.optional().describe(
    'Condition Ready: a dry run renders the template and the API server accepts the Workflow.',
  ),
  variables: list(text(128), 256).optional().describe('Variables that the manifest uses.'),
  status: text(64).optional().describe('Field of the original; accepted, never written.'),
  executeStatus: z
    .object({
      succeeded: Count.optional().describe('Field of the original; accepted, never written.'),
      failed: Count.optional().describe('Field of the original; accepted, never written.'),
    })
    .optional()
    .describe('Field of the original; accepted, never written.'),
});
export type OpsTemplateStatus = z.infer<typeof OpsTemplateStatus>;

export const AegisOpsTemplate = objectSchema('AegisOpsTemplate', {
  spec: OpsTemplateSpec.describe('Workflow and its variables.'),
  status: OpsTemplateStatus.optional().describe('State of the template.'),
}).describe('AegisOpsTemplate is an Argo Workflow with variables, which remediates an alert.');
/** An Argo Workflow with variables. */
export type AegisOpsTemplate = CustomObject<'AegisOpsTemplate', OpsTemplateSpec, OpsTemplateStatus>;

export const aegisOpsTemplates: ResourceType<AegisOpsTemplate> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisopstemplates',
  kind: 'AegisOpsTemplate',
  namespaced: true,
};
