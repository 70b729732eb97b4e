import { priorityOf, ruleName, type JudgedRule, type Matching } from '../../rules/match.ts';
import { templateKey } from '../../rules/escalation.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { RuleView } from '../../crds/subresources/alert-inspection.ts';
import type { PlanResult } from '../planning/plan.ts';
import { problemViews } from './preview.ts';

/** The number of rules that are shown, and of templates that are rendered. */
export const ruleLimits = { shown: 200, rendered: 8 } as const;

/** The inputs of the view of rules beyond their verdicts. */
export interface RuleViewFacts {
  template: (key: { namespace: string; name: string }) => AegisOpsTemplate | undefined;
  /** Why the caller may not see the content of a template; undefined = the caller may. */
  withheldTemplate: (key: { namespace: string; name: string }) => string | undefined;
  /** Renders the template of a rule that matches. */
  plan: (rule: AegisAlertOpsRule, template: AegisOpsTemplate) => PlanResult;
}

const order: readonly RuleView['verdict'][] = ['Chosen', 'Tied', 'Outranked', 'Broken', 'Mismatch'];

/**
 * Returns every rule with its verdict: first the chosen one, last those that do not match; within that by priority and
 * name.
 */
export function ruleViews(
  judged: readonly JudgedRule[],
  matching: Matching,
  cluster: RuleViewFacts,
): { rules: RuleView[]; leftOut: number } {
  const top = Math.max(...judged.filter(({ verdict }) => verdict === 'matches').map(({ rule }) => priorityOf(rule)));
  const sorted = judged
    .map((one) => ({ one, ...verdictOf(one, matching, top) }))
    .sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || byRank(a.one.rule, b.one.rule));
  const rules = sorted.slice(0, ruleLimits.shown).map(({ one: { rule }, verdict, reason }, index): RuleView => {
    const { name, namespace = '', generation } = rule.metadata;
    const tried = index < ruleLimits.rendered && order.indexOf(verdict) <= order.indexOf('Outranked');
    const template = templateView(rule, cluster, tried);
    return {
      name,
      namespace,
      ...(generation !== undefined && { generation }),
      priority: priorityOf(rule),
      verdict,
      reason,
      ...(template && { template }),
    };
  });
  return { rules, leftOut: sorted.length - rules.length };
}

/** Returns the rules whose templates are rendered, if they exist. */
export function triedRules(judged: readonly JudgedRule[]): AegisAlertOpsRule[] {
  const matching = judged.filter(({ verdict }) => verdict === 'matches').map(({ rule }) => rule);
  return matching.sort(byRank).slice(0, ruleLimits.rendered);
}

/** The highest priority first. */
function byRank(a: AegisAlertOpsRule, b: AegisAlertOpsRule): number {
  return priorityOf(b) - priorityOf(a) || (ruleName(a) < ruleName(b) ? -1 : 1);
}

function verdictOf(one: JudgedRule, matching: Matching, top: number): Pick<RuleView, 'verdict' | 'reason'> {
  switch (one.verdict) {
    case 'mismatch':
      return { verdict: 'Mismatch', reason: one.reason };
    case 'broken':
      return { verdict: 'Broken', reason: one.reason };
    case 'matches':
      if (matching.outcome === 'Matched' && matching.rule === one.rule) {
        return { verdict: 'Chosen', reason: 'it matches, and no other with its priority or a higher one does' };
      }
      if (priorityOf(one.rule) < top) {
        return { verdict: 'Outranked', reason: `it matches, but another rule has the higher priority ${top}` };
      }
      return { verdict: 'Tied', reason: `it matches, and so does another rule of the priority ${top}: none is used` };
  }
}

function templateView(
  rule: AegisAlertOpsRule,
  { template: find, withheldTemplate, plan }: RuleViewFacts,
  tried: boolean,
): RuleView['template'] {
  const key = templateKey(rule);
  if (key === undefined) return undefined;
  const template = find(key);
  if (template === undefined || !tried) return { ...key, exists: template !== undefined };
  const planned = plan(rule, template);
  const problems = planned.ok ? {} : { problems: problemViews(planned.problems, withheldTemplate(key)) };
  return { ...key, exists: true, renders: planned.ok, ...problems };
}
