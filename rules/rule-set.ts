import { LRUCache } from 'lru-cache';
import type { AegisAlert } from '../crds/alert.ts';
import type { WatchedCache } from '../crds/object-cache.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { CompiledRule } from './compile.ts';
import { chooseRule, judgeRules, type Matching } from './match.ts';
import type { RuleScope } from './scope.ts';

/** Alert types whose candidate rules are remembered; types are few, though a sender may make up many. */
const maxTypes = 2_000;

/**
 * The rules of a cluster, ready for many alerts: each rule is compiled once, and for each alert type the rules that can
 * be about it are found once, so that an alert is judged by a handful of rules however many there are.
 */
export class RuleSet {
  private readonly rules: Pick<WatchedCache<AegisAlertOpsRule>, 'list' | 'onChange'>;
  private readonly scope: RuleScope;
  private readonly compile: (rule: AegisAlertOpsRule) => CompiledRule;
  private readonly byType = new LRUCache<string, readonly CompiledRule[]>({ max: maxTypes });

  /**
   * @param scope `Namespace`: a rule matches alerts of its own namespace only
   * @param compile compiles a rule, each version once
   */
  constructor(
    rules: Pick<WatchedCache<AegisAlertOpsRule>, 'list' | 'onChange'>,
    scope: RuleScope,
    compile: (rule: AegisAlertOpsRule) => CompiledRule,
  ) {
    this.compile = compile;
    this.rules = rules;
    this.scope = scope;
    rules.onChange(() => {
      this.byType.clear();
    });
  }

  /** Returns the rule that acts on an alert, or why none does. */
  match(alert: AegisAlert): Matching {
    const inScope = this.scope === 'Cluster' ? undefined : (alert.metadata.namespace ?? '');
    const all = this.rules.list(inScope);
    const candidates = this.candidates(alert.spec.type);
    const judged = judgeRules(
      alert,
      inScope === undefined ? candidates : candidates.filter(({ rule }) => rule.metadata.namespace === inScope),
    );
    return chooseRule(judged, all.length);
  }

  /** Returns whether a rule matches an alert, or may match it, so that the alert needs a decision soon. */
  concerns(alert: AegisAlert): boolean {
    return this.candidates(alert.spec.type).some(({ judge }) => judge(alert).verdict !== 'mismatch');
  }

  /** Returns the rules that do not exclude this type of alert. */
  private candidates(type: string): readonly CompiledRule[] {
    const known = this.byType.get(type);
    if (known !== undefined) return known;
    const found = this.rules
      .list()
      .map(this.compile)
      .filter((rule) => rule.mayBeAbout(type));
    this.byType.set(type, found);
    return found;
  }
}
