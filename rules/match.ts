import type { AegisAlert } from '../crds/alert.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { CompiledRule, RuleVerdict } from './compile.ts';

/** Which rule acts on an alert, or why none does. `message` names the rules and fits a condition. */
export type Matching =
  | { outcome: 'Matched'; rule: AegisAlertOpsRule; message: string }
  | { outcome: 'RuleNotFound' | 'RuleErrorFound' | 'TooManyRulesFound'; message: string };

/** The verdict of one rule about an alert; `broken` and `mismatch` have a reason. */
export type JudgedRule = { rule: AegisAlertOpsRule } & RuleVerdict;

/** Returns the verdicts of all rules. */
export function judgeRules(alert: AegisAlert, rules: readonly CompiledRule[]): JudgedRule[] {
  return rules.map((compiled) => ({ rule: compiled.rule, ...compiled.judge(alert) }));
}

/** The one rule for an alert; see `chooseRule`. */
export function matchRules(alert: AegisAlert, rules: readonly CompiledRule[]): Matching {
  return chooseRule(judgeRules(alert, rules));
}

/**
 * The one rule among those that were asked. A usable rule that matches wins over broken ones; among several the highest
 * priority wins, and a tie at the top means that none does.
 *
 * @param total number of rules, also of those that were left out because they are not about such alerts
 */
export function chooseRule(judged: readonly JudgedRule[], total = judged.length): Matching {
  const matching = judged.filter(({ verdict }) => verdict === 'matches').map(({ rule }) => rule);
  const top = matching.reduce((highest, rule) => Math.max(highest, priorityOf(rule)), Number.NEGATIVE_INFINITY);
  const best = matching.filter((rule) => priorityOf(rule) === top);
  const [first, ...others] = best;
  if (first !== undefined && others.length === 0) {
    return { outcome: 'Matched', rule: first, message: `rule ${ruleName(first)} matches` };
  }
  if (first !== undefined) {
    const names = best.map(ruleName).sort().join(', ');
    return {
      outcome: 'TooManyRulesFound',
      message: `rules ${names} match with the same priority ${priorityOf(first)}; give one of them a higher spec.priority`,
    };
  }
  const broken = judged.filter((one) => one.verdict === 'broken');
  if (broken.length > 0) {
    const details = broken.map((one) => `${ruleName(one.rule)} (${one.reason})`).sort();
    return { outcome: 'RuleErrorFound', message: `rules that may match cannot be used: ${details.join('; ')}` };
  }
  return { outcome: 'RuleNotFound', message: `none of ${total} rules matches` };
}

/** `namespace/name`. */
export function ruleName({ metadata }: AegisAlertOpsRule): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** An object stored before the field had a default may lack it. */
export function priorityOf({ spec }: AegisAlertOpsRule): number {
  return (spec as { priority?: number }).priority ?? 0;
}
