import type { PolicyBudget } from '../../crds/remediation-policy.ts';

/**
 * The number of objects that may be unhealthy or acted upon, or why it is unknown; undefined: the budget has no such
 * bound.
 */
export type Bound = { allowed: number } | { problem: string } | undefined;

/**
 * The bound of `maxUnhealthy` and `maxTargets`, whichever is smaller. A percentage is rounded up, so that a small pool is
 * not frozen: 10 % of 5 nodes is one node. 0 % is none, and a percentage of nothing is unknown.
 *
 * @param selected how many objects the policy is about; undefined when unknown
 */
export function boundOf({ maxUnhealthy, maxTargets }: PolicyBudget, selected: number | undefined): Bound {
  if (maxUnhealthy === undefined) return maxTargets === undefined ? undefined : { allowed: maxTargets };
  const most = typeof maxUnhealthy === 'number' ? numberOf(maxUnhealthy) : shareOf(maxUnhealthy, selected);
  return 'problem' in most ? most : { allowed: Math.min(most.allowed, maxTargets ?? most.allowed) };
}

function numberOf(allowed: number): Exclude<Bound, undefined> {
  return allowed >= 0 ? { allowed } : { problem: `maxUnhealthy ${allowed} must not be negative` };
}

function shareOf(text: string, selected: number | undefined): Exclude<Bound, undefined> {
  const percent = Number(/^(\d{1,3})%$/.exec(text)?.[1] ?? Number.NaN);
  if (!(percent <= 100)) return { problem: `maxUnhealthy ${JSON.stringify(text)} is not a percentage from 0% to 100%` };
  if (selected === undefined) return { problem: 'targetSelector cannot be read' };
  if (selected === 0) return { problem: `${text} of 0 nodes: the policy selects no node` };
  return { allowed: Math.ceil((percent * selected) / 100) };
}
