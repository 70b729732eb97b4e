import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy, PolicyBudget } from '../../crds/remediation-policy.ts';
import { concerns } from '../policies/matching.ts';
import { cachedTarget, type ClusterView } from '../cluster-view.ts';

/** A policy that bounds how much may be done at once. */
export type BudgetedPolicy = AegisRemediationPolicy & { spec: { budget: PolicyBudget } };

/** What undoes an earlier action when its alert is over, and what only looks, never waits for a budget and uses none. */
export function needsBudget({ spec }: AegisRemediation): boolean {
  return spec.alertStatus !== 'Resolved' && spec.risk !== 'ReadOnly';
}

/** Whether a policy has a bound at all. */
export function hasBudget(policy: AegisRemediationPolicy): policy is BudgetedPolicy {
  return Object.values(policy.spec.budget ?? {}).some((bound) => bound !== undefined);
}

/** Whether the budget of a policy is about an attempt; where that cannot be told, it is. */
export function countsFor(
  policy: AegisRemediationPolicy,
  remediation: AegisRemediation,
  { cluster, alert }: { cluster: ClusterView; alert?: AegisAlert | undefined },
): boolean {
  if (!needsBudget(remediation)) return false;
  const known = alert ?? cluster.alertOf(remediation);
  if (known === undefined) return true;
  const selected = { remediation, alert: known, target: cachedTarget(cluster, remediation.spec.target) };
  return concerns(policy, selected) !== 'no';
}

/** The policies whose budgets an attempt must fit into, in the order in which they are taken. */
export function budgetsFor(
  remediation: AegisRemediation,
  { cluster, alert }: { cluster: ClusterView; alert?: AegisAlert | undefined },
): BudgetedPolicy[] {
  if (!needsBudget(remediation)) return [];
  return cluster
    .policies()
    .filter(hasBudget)
    .filter((policy) => countsFor(policy, remediation, { cluster, alert }))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
