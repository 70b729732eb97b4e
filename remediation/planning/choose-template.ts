import { chooseRule, judgeRules, ruleName } from '../../rules/match.ts';
import { templateKey } from '../../rules/escalation.ts';
import type { CompiledRule } from '../../rules/compile.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { TriggerRequest } from '../../crds/subresources/trigger.ts';

/** The plan of a user's request; whether the template exists, and the user may use it, is checked elsewhere. */
export type Choice =
  | {
      ok: true;
      rule?: AegisAlertOpsRule;
      template: { namespace: string; name: string };
      /** Warnings for the user. */
      warnings: string[];
    }
  /** `field` = of the request, which cannot be used; without it nothing is wrong with the request. */
  | { ok: false; reason: string; message: string; field?: 'rule' | 'template' };

/**
 * Returns the template to start: the requested one, else that of the requested rule, else that of the rule that
 * matches. A request for the template that the matching rule starts triggers by that rule: its approvals are required
 * too, and the rule itself makes no second attempt. Pure.
 *
 * @param rules those in whose scope the alert is
 */
export function chooseTemplate(
  request: Pick<TriggerRequest, 'rule' | 'template'>,
  alert: AegisAlert,
  rules: readonly CompiledRule[],
): Choice {
  const asked = request.template === undefined ? undefined : qualified(request.template, alert);
  if (request.rule !== undefined) return byRule(qualified(request.rule, alert), asked, alert, rules);
  const matching = chooseRule(judgeRules(alert, rules));
  const matched = matching.outcome === 'Matched' ? matching.rule : undefined;
  const started = matched && templateKey(matched);
  if (asked !== undefined) {
    if (matched !== undefined && started !== undefined && same(started, asked)) return chosen(asked, [], matched);
    return chosen(asked, []);
  }
  if (matching.outcome !== 'Matched') return { ok: false, reason: matching.outcome, message: matching.message };
  if (started !== undefined) return chosen(started, [], matching.rule);
  return { ok: false, reason: 'RuleErrorFound', message: `rule ${ruleName(matching.rule)} names no template` };
}

interface Key {
  namespace: string;
  name: string;
}

function byRule(key: Key, asked: Key | undefined, alert: AegisAlert, rules: readonly CompiledRule[]): Choice {
  const compiled = rules.find(({ rule: { metadata } }) => same({ namespace: '', ...metadata }, key));
  const name = nameOf(key);
  if (compiled === undefined) return refused('rule', 'RuleNotFound', `there is no rule ${name} for this alert`);
  const { rule } = compiled;
  if ((rule.spec.enabled as boolean | undefined) === false) {
    return { ok: false, reason: 'RuleDisabled', message: `rule ${name} is not enabled` };
  }
  const started = templateKey(rule);
  if (started === undefined) return { ok: false, reason: 'RuleErrorFound', message: `rule ${name} names no template` };
  if (asked !== undefined && !same(asked, started)) {
    const message = `rule ${name} starts template ${nameOf(started)}: ask for the rule or for the template`;
    return refused('template', 'TemplateOfAnotherRule', message);
  }
  const verdict = compiled.judge(alert);
  const warnings = verdict.verdict === 'matches' ? [] : [`rule ${name} does not match this alert: ${verdict.reason}`];
  return chosen(started, warnings, rule);
}

function chosen(template: Key, warnings: string[], rule?: AegisAlertOpsRule): Choice {
  return { ok: true, ...(rule && { rule }), template, warnings };
}

function refused(field: 'rule' | 'template', reason: string, message: string): Choice {
  return { ok: false, field, reason, message };
}

/** `name` is in the alert's namespace. */
function qualified(text: string, alert: AegisAlert): Key {
  const [first = '', second] = text.split('/');
  return second === undefined
    ? { namespace: alert.metadata.namespace ?? '', name: first }
    : { namespace: first, name: second };
}

function same(a: Key, b: Key): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}

function nameOf({ namespace, name }: Key): string {
  return `${namespace}/${name}`;
}
