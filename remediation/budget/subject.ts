import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy, PolicyBudget } from '../../crds/remediation-policy.ts';
import { concerns } from '../policies/matching.ts';
import { cachedTarget, type ClusterView } from '../cluster-view.ts';

/** A policy that bounds how much may be done at once. */
export type BudgetedPolicy = AegisRemediationPolicy & { spec: { budget: PolicyBudget } };

/** Returns whether an attempt uses a budget; a recovery and a read-only template do not. */
export function needsBudget({ spec }: AegisRemediation): boolean {
  return spec.alertStatus !== 'Resolved' && spec.risk !== 'ReadOnly';
}

/** Whether a policy has a bound at all. */
export function hasBudget(policy: AegisRemediationPolicy): policy is BudgetedPolicy {
  return Object.values(policy.spec.budget ?? {}).some((bound) => bound !== undefined);
}

/** Returns whether an attempt counts for the budget of a policy; if that is unknown, it does. */
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

/** Returns the policies whose budgets an attempt must fit into, in the order in which they are reserved. */
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
