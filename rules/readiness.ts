import { conditionTypes, withCondition } from '../crds/conditions.ts';
import type { AegisAlertOpsRule, AlertOpsRuleStatus } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import { ladderOf, type TemplateKey } from './escalation.ts';
import { compileRule } from './compile.ts';

/** Returns the status of a rule with its Ready condition; pure. */
export function ruleStatus(
  rule: AegisAlertOpsRule,
  { template, now }: { template: (key: TemplateKey) => AegisOpsTemplate | undefined; now: Date },
): Partial<AlertOpsRuleStatus> {
  const observedGeneration = rule.metadata.generation;
  const condition = { type: conditionTypes.ready, observedGeneration, ...readiness(rule, template) };
  return { conditions: withCondition(rule.status?.conditions ?? [], condition, now) };
}

function readiness(rule: AegisAlertOpsRule, template: (key: TemplateKey) => AegisOpsTemplate | undefined) {
  const { problems } = compileRule(rule);
  if (problems.length > 0) return { status: 'False', reason: 'RuleInvalid', message: problems.join('; ') } as const;
  const missing = ladderOf(rule).flatMap((key, step) => (template(key) === undefined ? [missingText(key, step)] : []));
  if (missing.length > 0) {
    return { status: 'False', reason: 'TemplateNotFound', message: missing.join('; ') } as const;
  }
  return { status: 'True', reason: 'RuleValid', message: 'the rule can be used' } as const;
}

function missingText({ namespace, name }: TemplateKey, step: number): string {
  const which = step === 0 ? '' : ` of escalation step ${step}`;
  return `template ${namespace}/${name}${which} does not exist`;
}
