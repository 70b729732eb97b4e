import type { AegisAlert } from '../crds/alert.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';

/** `Namespace`: a rule matches alerts of its own namespace only. */
export type RuleScope = 'Cluster' | 'Namespace';

/** Returns the rules that may match an alert. */
export function rulesInScope(
  rules: readonly AegisAlertOpsRule[],
  alert: AegisAlert,
  scope: RuleScope,
): readonly AegisAlertOpsRule[] {
  if (scope === 'Cluster') return rules;
  return rules.filter(({ metadata }) => metadata.namespace === alert.metadata.namespace);
}
