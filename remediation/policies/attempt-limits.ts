import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { effectivePolicy } from './effective.ts';
import type { Selected } from './matching.ts';

/** The limits that policies set for an episode. */
export interface AttemptLimits {
  /** Attempts per episode, the first included. */
  readonly maxAttempts: number;
  /** The pause before the second attempt; milliseconds. */
  readonly backoffMs: number;
  /** Whether it is verified that an attempt helped; without that nothing is tried again. */
  readonly verified: boolean;
}

/** Where no policy says how long to wait before the second attempt; milliseconds. */
const defaultBackoffMs = 60_000;

/** How often an episode may be acted upon, by all policies together. */
export function attemptLimitsOf(policies: readonly AegisRemediationPolicy[], selected: Selected): AttemptLimits {
  const { maxAttempts, backoffMs = defaultBackoffMs, verification } = effectivePolicy(policies, selected);
  return { maxAttempts, backoffMs, verified: verification !== undefined };
}
