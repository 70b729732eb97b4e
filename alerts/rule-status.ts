import { conditionTypes, withCondition } from '../crds/conditions.ts';
import type { AegisAlertOpsRule, AlertOpsRuleStatus } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import { compileRule } from './rule.ts';

/** Says on the rule itself whether it can be used; pure. */
export function ruleStatus(
  rule: AegisAlertOpsRule,
  { template, now }: { template: AegisOpsTemplate | undefined; now: Date },
): Partial<AlertOpsRuleStatus> {
  const observedGeneration = rule.metadata.generation;
  const condition = { type: conditionTypes.ready, observedGeneration, ...readiness(rule, template) };
  return { conditions: withCondition(rule.status?.conditions ?? [], condition, now) };
}

function readiness(rule: AegisAlertOpsRule, template: AegisOpsTemplate | undefined) {
  const { problems } = compileRule(rule);
  if (problems.length > 0) return { status: 'False', reason: 'RuleInvalid', message: problems.join('; ') } as const;
  if (template === undefined) {
    const { namespace, name } = templateKey(rule) ?? { namespace: '', name: '' };
    return {
      status: 'False',
      reason: 'TemplateNotFound',
      message: `template ${namespace}/${name} does not exist`,
    } as const;
  }
  return { status: 'True', reason: 'RuleValid', message: 'the rule can be used' } as const;
}

/** Where a rule's template is: beside the rule unless it says otherwise. */
export function templateKey({ metadata, spec }: AegisAlertOpsRule): { namespace: string; name: string } | undefined {
  if (spec.opsTemplate === undefined) return undefined;
  return { namespace: spec.opsTemplate.namespace ?? metadata.namespace ?? '', name: spec.opsTemplate.name };
}
