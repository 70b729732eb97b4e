import { detailsOf, isResolved, type AegisAlert } from '../crds/alert.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import { compileTypePattern } from './pattern.ts';
import { compileSelector } from '../lib/label-selector.ts';

/** The verdict of one rule about one alert. */
export type RuleVerdict =
  | { verdict: 'matches' }
  | { verdict: 'mismatch'; reason: string }
  /** The parts that can be read do not exclude the alert, and the others cannot be read. */
  | { verdict: 'broken'; reason: string };

/** A rule compiled for many alerts. */
export interface CompiledRule {
  rule: AegisAlertOpsRule;
  /** Why the rule is not usable; empty when it is. */
  problems: string[];
  judge: (alert: AegisAlert) => RuleVerdict;
  /** Returns false when the type alone excludes an alert. */
  mayBeAbout: (type: string) => boolean;
}

/** One requirement of a rule; the list below reads as the specification of a match. */
type Requirement = (alert: AegisAlert) => RuleVerdict;

const matches: RuleVerdict = { verdict: 'matches' };

/** Compiles patterns and selector once; `judge` is pure. */
export function compileRule(rule: AegisAlertOpsRule): CompiledRule {
  const problems: string[] = [];
  const selected = selector(rule, problems);
  const about = condition(rule, problems);
  const requirements: Requirement[] = [enabled(rule), severity(rule), selected, about.judge, template(rule, problems)];
  return {
    rule,
    problems,
    judge: (alert) => all(requirements.map((requirement) => requirement(alert))),
    mayBeAbout: about.mayBeAbout,
  };
}

/** A mismatch anywhere excludes the alert, even where another part cannot be read. */
function all(verdicts: RuleVerdict[]): RuleVerdict {
  return (
    verdicts.find(({ verdict }) => verdict === 'mismatch') ??
    verdicts.find(({ verdict }) => verdict === 'broken') ??
    matches
  );
}

function enabled({ spec }: AegisAlertOpsRule): Requirement {
  // An object stored before the field had a default may lack it.
  return () => ((spec.enabled as boolean | undefined) === false ? mismatch('the rule is not enabled') : matches);
}

function severity({ spec }: AegisAlertOpsRule): Requirement {
  const wanted = (spec.severity ?? []).map((name) => name.toLowerCase());
  return (alert) => {
    const has = alert.spec.severity?.toLowerCase() ?? '';
    if (wanted.length === 0 || wanted.includes(has)) return matches;
    return mismatch(`severity ${JSON.stringify(has)} is none of ${wanted.join(', ')}`);
  };
}

function selector({ spec }: AegisAlertOpsRule, problems: string[]): Requirement {
  const compiled = compileSelector(spec.selector);
  if (!compiled.ok) return broken(compiled.problem, problems);
  return (alert) =>
    compiled.matches(selectableLabels(alert)) ? matches : mismatch('the selector does not match its labels');
}

function condition(
  { spec }: AegisAlertOpsRule,
  problems: string[],
): { judge: Requirement } & Pick<CompiledRule, 'mayBeAbout'> {
  const conditions = (spec.alertConditions ?? []).map(({ type, status }) => ({
    resolved: status !== 'Firing',
    pattern: compileTypePattern(type),
  }));
  for (const { pattern } of conditions) if (!pattern.ok) problems.push(pattern.problem);
  if (conditions.length === 0) problems.push('spec.alertConditions is empty: the rule matches no alert');
  const judge: Requirement = (alert) => {
    const sameState = conditions.filter(({ resolved }) => resolved === isResolved(alert));
    if (sameState.some(({ pattern }) => pattern.ok && pattern.matches(alert.spec.type))) return matches;
    const unreadable = sameState.find(({ pattern }) => !pattern.ok)?.pattern;
    if (unreadable?.ok === false) return { verdict: 'broken', reason: unreadable.problem };
    return mismatch('no condition has its type and status');
  };
  return { judge, mayBeAbout: (type) => conditions.some(({ pattern }) => !pattern.ok || pattern.matches(type)) };
}

function template({ spec }: AegisAlertOpsRule, problems: string[]): Requirement {
  return spec.opsTemplate === undefined ? broken('spec.opsTemplate is missing', problems) : () => matches;
}

function broken(reason: string, problems: string[]): Requirement {
  problems.push(reason);
  return () => ({ verdict: 'broken', reason });
}

function mismatch(reason: string): RuleVerdict {
  return { verdict: 'mismatch', reason };
}

/** Returns the labels that a rule's selector matches: the sender's labels, and the object's own where both have a key. */
function selectableLabels(alert: AegisAlert): Record<string, string> {
  return { ...detailsOf(alert), ...alert.metadata.labels };
}
