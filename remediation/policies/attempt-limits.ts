import type { AttemptLimits } from '../attempts/next.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { effectivePolicy } from './effective.ts';
import type { Selected } from './matching.ts';

/** Where no policy says how long to wait before the second attempt; milliseconds. */
const defaultBackoffMs = 60_000;

/** How often an episode may be acted upon, by all policies together. */
export function attemptLimitsOf(policies: readonly AegisRemediationPolicy[], selected: Selected): AttemptLimits {
  const { maxAttempts, backoffMs = defaultBackoffMs, verification } = effectivePolicy(policies, selected);
  return { maxAttempts, backoffMs, verified: verification !== undefined };
}
