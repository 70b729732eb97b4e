import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { rule } from './rules.ts';
import { Conditions, Count, LabelSelector, list, NamespaceName, ObjectName, setList, text, Time } from './schema.ts';
import { AlertState } from './alert.ts';

/** One condition of a rule; the alert must meet at least one of a rule's conditions. */
export const AlertCondition = z.object({
  type: text(512).min(1).describe('Type of the alert, or an RE2 pattern that matches the whole type.'),
  status: AlertState.default('Firing').describe('Status of the alert.'),
});
export type AlertCondition = z.infer<typeof AlertCondition>;

/** Reference to an AegisOpsTemplate; the namespace defaults to that of the rule. */
export const TemplateReference = z.object({
  kind: z.literal('AegisOpsTemplate').optional().describe('AegisOpsTemplate, the only supported value.'),
  apiVersion: z.literal('aegis.io/v1alpha1').optional().describe('aegis.io/v1alpha1, the only supported value.'),
  namespace: NamespaceName.optional().describe('Namespace of the template. Default: that of the rule.'),
  name: ObjectName.describe('Name of the template.'),
});
export type TemplateReference = z.infer<typeof TemplateReference>;

const AlertOpsRuleFields = z.object({
  selector: LabelSelector.optional().describe('Labels that the AegisAlert must have.'),
  alertConditions: list(AlertCondition, 64)
    .optional()
    .describe('Conditions on the alert, at least one of which must match.'),
  opsTemplate: TemplateReference.optional().describe('Template to start for a matching alert.'),
  severity: setList(text(63), 16)
    .optional()
    .describe('Severities, one of which the alert must have. Default: any severity, or none.'),
  priority: z
    .int32()
    .default(0)
    .describe('Priority among matching rules: the highest wins; if several have the highest, none does.'),
  escalation: list(TemplateReference, 8)
    .optional()
    .describe('Templates to start next, in this order, when the verification of an attempt fails.'),
  approvals: z
    .int32()
    .min(0)
    .max(10)
    .optional()
    .describe('Number of users who must approve. It can raise the number that the policies require, not lower it.'),
  dryRun: z
    .boolean()
    .optional()
    .describe('If true, attempts are created, rendered and evaluated, and end as DryRun; see status.dryRuns.'),
  enabled: z.boolean().default(true).describe('If false, the rule is ignored.'),
});

const WithConditions = rule(
  AlertOpsRuleFields,
  {
    rule: 'has(self.alertConditions) && size(self.alertConditions) > 0',
    message: 'alertConditions is required: a rule without conditions matches no alert',
    fieldPath: '.alertConditions',
    reason: 'FieldValueRequired',
  },
  ({ alertConditions }) => (alertConditions ?? []).length > 0,
);

const WithTemplate = rule(
  WithConditions,
  {
    rule: 'has(self.opsTemplate)',
    message: 'opsTemplate is required: the template to start for a matching alert',
    fieldPath: '.opsTemplate',
    reason: 'FieldValueRequired',
  },
  ({ opsTemplate }) => opsTemplate !== undefined,
);

/**
 * An absent namespace differs from the rule's own given by name, because neither side has that name here. CEL reserves
 * the word `namespace`.
 */
const sameTemplate = (a: string, b: string): string =>
  `${a}.name == ${b}.name && has(${a}.__namespace__) == has(${b}.__namespace__) && ` +
  `(!has(${a}.__namespace__) || ${a}.__namespace__ == ${b}.__namespace__)`;

export const AlertOpsRuleSpec = rule(
  WithTemplate,
  {
    rule:
      `!has(self.escalation) || (self.escalation.all(a, self.escalation.exists_one(b, ${sameTemplate('a', 'b')})) && ` +
      `(!has(self.opsTemplate) || !self.escalation.exists(a, ${sameTemplate('a', 'self.opsTemplate')})))`,
    message: 'must not name a template twice; use maxAttempts of a policy to repeat a template',
    fieldPath: '.escalation',
    reason: 'FieldValueDuplicate',
  },
  ({ opsTemplate, escalation = [] }) => {
    const names = [...(opsTemplate === undefined ? [] : [opsTemplate]), ...escalation].map(
      ({ namespace = '', name }) => `${namespace}/${name}`,
    );
    return new Set(names).size === names.length;
  },
);
export type AlertOpsRuleSpec = z.infer<typeof AlertOpsRuleSpec>;

export const AlertOpsRuleStatus = z.object({
  conditions: Conditions.optional().describe(
    'Condition Ready; False when a pattern, the selector or a template is invalid.',
  ),
  matched: Count.optional().describe('Number of alerts that matched.'),
  triggered: Count.optional().describe('Number of remediations that the rule started.'),
  dryRuns: z
    .object({
      wouldSubmit: Count.optional().describe('Number of attempts whose Workflow would have been created at once.'),
      wouldWait: Count.optional().describe(
        'Number of attempts that a gate would have blocked; each attempt names the gate.',
      ),
      wouldBeRefused: Count.optional().describe(
        'Number of attempts whose Workflow the API server would have rejected.',
      ),
    })
    .optional()
    .describe('Results of the dry runs that the rule started.'),
  lastMatchTime: Time.optional().describe('Time at which an alert last matched.'),
  status: text(64).optional().describe('Field of the original; accepted, never written.'),
  triggerStatus: z
    .object({
      succeeded: Count.optional().describe('Field of the original; accepted, never written.'),
      failed: Count.optional().describe('Field of the original; accepted, never written.'),
    })
    .optional()
    .describe('Field of the original; accepted, never written.'),
});
export type AlertOpsRuleStatus = z.infer<typeof AlertOpsRuleStatus>;

export const AegisAlertOpsRule = objectSchema('AegisAlertOpsRule', {
  spec: AlertOpsRuleSpec.describe('Alerts that the rule matches, and templates to start for them.'),
  status: AlertOpsRuleStatus.optional().describe('State and usage of the rule.'),
}).describe('AegisAlertOpsRule starts an AegisOpsTemplate for matching alerts.');
/** Starts a template for matching alerts. */
export type AegisAlertOpsRule = CustomObject<'AegisAlertOpsRule', AlertOpsRuleSpec, AlertOpsRuleStatus>;

export const aegisAlertOpsRules: ResourceType<AegisAlertOpsRule> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisalertopsrules',
  kind: 'AegisAlertOpsRule',
  namespaced: true,
};
