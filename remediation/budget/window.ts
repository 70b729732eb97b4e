import { parseDuration } from '../../lib/duration.ts';
import type { PolicyBudget } from '../../crds/remediation-policy.ts';
import type { RemediationPolicyStatus } from '../../crds/remediation-policy-status.ts';

export type Starts = NonNullable<RemediationPolicyStatus['recentStarts']>;

/** The length of the window in milliseconds; undefined without one. A length that cannot be read is infinite. */
export function windowMs({ maxPerWindow }: PolicyBudget): number | undefined {
  if (maxPerWindow === undefined) return undefined;
  try {
    return parseDuration(maxPerWindow.window);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The starts that count at that moment; a start whose time cannot be read always does. None without a window. */
export function countedStarts(budget: PolicyBudget, starts: Starts = [], now: Date): Starts {
  const length = windowMs(budget);
  if (length === undefined) return [];
  return starts.filter(({ time }) => !(Date.parse(time) + length <= now.getTime()));
}

/**
 * Returns when enough starts have left the window for one more, behind those that wait already; undefined when unknown.
 */
export function nextStart(budget: PolicyBudget, counted: Starts, inFront: number): Date | undefined {
  const { count = 0 } = budget.maxPerWindow ?? {};
  if (count === 0) return undefined;
  const times = counted.map(({ time }) => Date.parse(time)).sort((a, b) => a - b);
  const leaves = times[Math.min(counted.length - count + inFront, counted.length - 1)];
  const at = (leaves ?? Number.NaN) + (windowMs(budget) ?? Number.NaN);
  return Number.isFinite(at) ? new Date(at) : undefined;
}
