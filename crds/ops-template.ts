import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { rule } from './rules.ts';
import { Conditions, Count, list, mapList, NamespaceName, ObjectName, PositiveDuration, text } from './schema.ts';

/** How bad it can get when a template does the wrong thing. */
export const Risk = z.enum(['ReadOnly', 'Reversible', 'Destructive']);
export type Risk = z.infer<typeof Risk>;

/** Variables that every alert has: its own name, and the object that it is about. */
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
    description: text(1024).optional().describe('What it is for, for the people who trigger and approve.'),
    default: text(8192).optional().describe('Value when nothing else gives one.'),
    pattern: text(512)
      .optional()
      .describe(
        'RE2 pattern that the whole value must match wherever it can reach a shell. Default: [A-Za-z0-9._:/@=+-]{1,253}',
      ),
    required: z.boolean().default(true).describe('Whether an absent or empty value is an error.'),
    secretRef: z
      .object({
        name: ObjectName.describe('Name of the Secret, in the namespace where the Workflow runs.'),
        key: text(253).describe('Key in the Secret.'),
      })
      .optional()
      .describe("The value is read from a Secret by the Workflow's pod; it never enters the manifest."),
  }),
  {
    rule: '!has(self.secretRef) || (!has(self.default) && !has(self.pattern))',
    message: 'a value from a Secret is never read here: secretRef excludes default and pattern',
    fieldPath: '.secretRef',
  },
  (parameter) =>
    parameter.secretRef === undefined || (parameter.default === undefined && parameter.pattern === undefined),
);

/** A variable that the template's author declares, to say what it may look like. */
export const TemplateParameter = rule(
  TemplateParameterFields,
  {
    rule: `!has(self.secretRef) || !(self.name in [${builtIns.map((name) => `'${name}'`).join(', ')}])`,
    message: 'the alert itself gives this variable its value: a Secret needs another name',
    fieldPath: '.name',
  },
  ({ name, secretRef }) => secretRef === undefined || !builtIns.includes(name),
);
export type TemplateParameter = z.infer<typeof TemplateParameter>;

export const OpsTemplateSpec = z.object({
  manifest: text(262144).min(1).describe('An Argo Workflow as YAML text with {{.name}} variables.'),
  generateName: text(253)
    .optional()
    .describe('Of the original: accepted, not used, because a Workflow has the name of its remediation.'),
  namespace: NamespaceName.optional().describe("Where the Workflow runs. Default: the alert's namespace."),
  parameters: mapList(TemplateParameter, ['name'], 64)
    .optional()
    .describe("Variables besides those of every alert, and what the values of the alert's details may look like."),
  risk: Risk.default('Reversible').describe('How bad it can get when it does the wrong thing.'),
  timeout: PositiveDuration.default('1h').describe(
    'How long the Workflow may run, as 90s or 1h30m; it becomes activeDeadlineSeconds unless the manifest sets one.',
  ),
});
export type OpsTemplateSpec = z.infer<typeof OpsTemplateSpec>;

export const OpsTemplateStatus = z.object({
  conditions: Conditions.optional().describe('Ready: rendered on trial and accepted by the API server, or why not.'),
  variables: list(text(128), 256).optional().describe('The variables that the manifest uses.'),
  status: text(64).optional().describe('Of the original: accepted, never written.'),
  executeStatus: z
    .object({
      succeeded: Count.optional().describe('Of the original: accepted, never written.'),
      failed: Count.optional().describe('Of the original: accepted, never written.'),
    })
    .optional()
    .describe('Of the original: accepted, never written.'),
});
export type OpsTemplateStatus = z.infer<typeof OpsTemplateStatus>;

export const AegisOpsTemplate = objectSchema('AegisOpsTemplate', {
  spec: OpsTemplateSpec.describe('What to do.'),
  status: OpsTemplateStatus.optional().describe('Whether the template can be used.'),
}).describe('What to do about an alert: an Argo Workflow with variables.');
/** What to do: an Argo Workflow with variables. */
export type AegisOpsTemplate = CustomObject<'AegisOpsTemplate', OpsTemplateSpec, OpsTemplateStatus>;

export const aegisOpsTemplates: ResourceType<AegisOpsTemplate> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisopstemplates',
  kind: 'AegisOpsTemplate',
  namespaced: true,
};
