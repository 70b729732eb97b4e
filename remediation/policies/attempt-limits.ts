import type { AttemptLimits } from '../../alerts/next-attempt.ts';
import { parseDuration } from '../../crds/duration.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { concerns, type Selected } from './matching.ts';
import { verificationOf } from './verification.ts';

/** Where no policy says how long to wait before the second attempt; milliseconds. */
const defaultBackoffMs = 60_000;

/**
 * How often an episode may be acted upon: the fewest attempts and the longest pause that any policy names. Where it
 * cannot be told whether a policy is about the attempt, it restricts but allows nothing.
 */
export function attemptLimitsOf(policies: readonly AegisRemediationPolicy[], selected: Selected): AttemptLimits {
  const relevant = policies.filter((policy) => concerns(policy, selected) !== 'no');
  const isAllowed = relevant.some(
    (policy) => policy.spec.maxAttempts !== undefined && concerns(policy, selected) === 'yes',
  );
  const named = relevant.flatMap(({ spec }) => spec.maxAttempts ?? []);
  const backoffs = relevant.flatMap(({ spec }) => (spec.backoff === undefined ? [] : parseDuration(spec.backoff)));
  return {
    maxAttempts: isAllowed ? Math.min(...named) : 1,
    backoffMs: backoffs.length === 0 ? defaultBackoffMs : Math.max(...backoffs),
    verified: verificationOf(policies, selected) !== undefined,
  };
}
