import { isActing, type AegisRemediation } from '../../crds/remediation.ts';
import type { RemediationPolicyStatus } from '../../crds/remediation-policy-status.ts';
import type { ClusterView } from '../cluster-view.ts';
import { boundOf } from './bound.ts';
import { isUnhealthy, selectedNodes } from './nodes.ts';
import { countsFor, type BudgetedPolicy } from './subject.ts';
import { attemptTargetKey, attemptPath, targetKey, unknownTarget } from './target-key.ts';
import { countedStarts, type Starts } from './window.ts';

/** The use of a budget at a moment. */
export interface Use {
  /** How many objects the policy is about; undefined when unknown. */
  readonly selected: number | undefined;
  /** Keys of the selected objects that are unhealthy or cordoned. */
  readonly unhealthy: ReadonlySet<string>;
  /** Running or admitted attempts, by their uid; each with its name and the key of its target. */
  readonly atWork: ReadonlyMap<string, { readonly attempt: string; readonly target: string }>;
  /** Starts that count within the window. */
  readonly starts: Starts;
}

/**
 * Reservations define which attempts are active. An attempt that acts without one, because it is older than the budget,
 * counts too.
 *
 * @param except the attempt that is decided, which does not count against itself
 */
export function useOf(
  policy: BudgetedPolicy,
  { cluster, now }: { cluster: ClusterView; now: Date },
  except?: AegisRemediation,
): Use {
  const nodes = selectedNodes(policy, cluster);
  const atWork = workOf(policy, cluster);
  const counted = countedStarts(policy.spec.budget, policy.status?.recentStarts, now);
  const own = except && attemptPath(except);
  atWork.delete(except?.metadata.uid ?? '');
  return {
    selected: nodes?.length,
    unhealthy: new Set((nodes ?? []).filter(isUnhealthy).map(({ metadata }) => `node/${metadata.name}`)),
    atWork,
    starts: counted.filter(({ remediation }) => remediation !== own),
  };
}

function workOf(policy: BudgetedPolicy, cluster: ClusterView): Map<string, { attempt: string; target: string }> {
  const atWork = new Map<string, { attempt: string; target: string }>();
  for (const { uid, remediation, target } of policy.status?.reservations ?? []) {
    const key = target === undefined ? unknownTarget(remediation) : targetKey(target);
    atWork.set(uid, { attempt: remediation, target: key });
  }
  for (const attempt of cluster.attempts()) {
    const { uid = '' } = attempt.metadata;
    if (!isActing(attempt.status?.phase) || atWork.has(uid) || !countsFor(policy, attempt, { cluster })) continue;
    atWork.set(uid, { attempt: attemptPath(attempt), target: attemptTargetKey(attempt) });
  }
  return atWork;
}

/** Returns the use as shown to users. */
export function shown({ spec: { budget } }: BudgetedPolicy, use: Use): NonNullable<RemediationPolicyStatus['budget']> {
  const { selected, unhealthy, atWork, starts } = use;
  const bound = boundOf(budget, selected);
  return {
    ...(bound === undefined || selected === undefined ? {} : { selected }),
    ...(bound !== undefined && 'allowed' in bound ? { allowed: bound.allowed } : {}),
    unhealthy: unhealthy.size,
    running: atWork.size,
    ...(budget.maxPerWindow === undefined ? {} : { startedInWindow: starts.length }),
  };
}
