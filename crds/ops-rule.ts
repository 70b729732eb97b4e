import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { rule } from './rules.ts';
import { Conditions, Count, LabelSelector, list, NamespaceName, ObjectName, setList, text, Time } from './schema.ts';
import { AlertState } from './alert.ts';

/** One condition of a rule; the alert must meet at least one of a rule's conditions. */
export const AlertCondition = z.object({
  type: text(512).min(1).describe("The alert's type: equal, or a RE2 pattern that matches all of it."),
  status: AlertState.default('Firing').describe("The alert's status."),
});
export type AlertCondition = z.infer<typeof AlertCondition>;

/** Which AegisOpsTemplate to run; the namespace defaults to the rule's own. */
export const TemplateReference = z.object({
  kind: z.literal('AegisOpsTemplate').optional().describe('AegisOpsTemplate; there is no other.'),
  apiVersion: z.literal('aegis.io/v1alpha1').optional().describe('aegis.io/v1alpha1; there is no other.'),
  namespace: NamespaceName.optional().describe('Namespace of the template. Default: that of the rule.'),
  name: ObjectName.describe('Name of the template.'),
});
export type TemplateReference = z.infer<typeof TemplateReference>;

const AlertOpsRuleFields = z.object({
  selector: LabelSelector.optional().describe('Labels that the AegisAlert must have.'),
  alertConditions: list(AlertCondition, 64)
    .optional()
    .describe('What the alert must say: at least one of these must fit.'),
  opsTemplate: TemplateReference.optional().describe('What to do about such an alert.'),
  severity: setList(text(63), 16)
    .optional()
    .describe('Severities of which the alert must have one. None given: any, also none.'),
  priority: z
    .int32()
    .default(0)
    .describe('Of several rules that match, the highest wins; a tie at the top means that none does.'),
  escalation: list(TemplateReference, 8)
    .optional()
    .describe('What to do next, in this order, while the verification finds that it did not help.'),
  approvals: z
    .int32()
    .min(0)
    .max(10)
    .optional()
    .describe('How many people must approve. It may only tighten what the policies ask for.'),
  dryRun: z
    .boolean()
    .optional()
    .describe('true: attempts are made, rendered and judged, and end as DryRun; see status.dryRuns.'),
  enabled: z.boolean().default(true).describe('false: the rule is never used.'),
});

const WithConditions = rule(
  AlertOpsRuleFields,
  {
    rule: 'has(self.alertConditions) && size(self.alertConditions) > 0',
    message: 'needs alertConditions: a rule without any matches no alert',
    fieldPath: '.alertConditions',
    reason: 'FieldValueRequired',
  },
  ({ alertConditions }) => (alertConditions ?? []).length > 0,
);

const WithTemplate = rule(
  WithConditions,
  {
    rule: 'has(self.opsTemplate)',
    message: 'needs opsTemplate: what to do about such an alert',
    fieldPath: '.opsTemplate',
    reason: 'FieldValueRequired',
  },
  ({ opsTemplate }) => opsTemplate !== undefined,
);

/**
 * An absent namespace is not the same as the rule's own by name: neither side knows that one. CEL reserves the word.
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
    message: 'names a template twice: an escalation goes on to another one; maxAttempts of a policy repeats',
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
  conditions: Conditions.optional().describe('Ready, with the reason when pattern, selector or template is unusable.'),
  matched: Count.optional().describe('Alerts that matched so far.'),
  triggered: Count.optional().describe('Remediations that were started so far.'),
  dryRuns: z
    .object({
      wouldSubmit: Count.optional().describe('Its Workflow would have been created at once.'),
      wouldWait: Count.optional().describe('A gate would have held it back; each attempt says which.'),
      wouldBeRefused: Count.optional().describe('The API server would not have taken its Workflow.'),
    })
    .optional()
    .describe('What the dry runs that it started so far would have come to.'),
  lastMatchTime: Time.optional().describe('When an alert matched the last time.'),
  status: text(64).optional().describe('Of the original: accepted, never written.'),
  triggerStatus: z
    .object({
      succeeded: Count.optional().describe('Of the original: accepted, never written.'),
      failed: Count.optional().describe('Of the original: accepted, never written.'),
    })
    .optional()
    .describe('Of the original: accepted, never written.'),
});
export type AlertOpsRuleStatus = z.infer<typeof AlertOpsRuleStatus>;

export const AegisAlertOpsRule = objectSchema('AegisAlertOpsRule', {
  spec: AlertOpsRuleSpec.describe('Which alerts, and what to do about them.'),
  status: AlertOpsRuleStatus.optional().describe('Whether the rule can be used, and how often it was.'),
}).describe('Which alerts start which AegisOpsTemplate.');
/** Which alerts start which template. */
export type AegisAlertOpsRule = CustomObject<'AegisAlertOpsRule', AlertOpsRuleSpec, AlertOpsRuleStatus>;

export const aegisAlertOpsRules: ResourceType<AegisAlertOpsRule> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisalertopsrules',
  kind: 'AegisAlertOpsRule',
  namespaced: true,
};
