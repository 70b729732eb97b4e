import { parseDuration } from '../../crds/duration.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { concerns, type Selected } from './matching.ts';

/** What must be seen before an attempt counts as having helped; milliseconds. */
export interface VerificationRule {
  /** How long the alert must be silent and the target healthy. */
  readonly healthyFor: number;
  /** How long they may take to become so. */
  readonly timeout: number;
}

/**
 * What the policies ask for: of each time the longest, so that nothing counts as mended or as given up too early.
 *
 * @returns undefined when none asks for it
 */
export function verificationOf(
  policies: readonly AegisRemediationPolicy[],
  selected: Selected,
): VerificationRule | undefined {
  const asked = policies
    .filter((policy) => concerns(policy, selected) !== 'no')
    .flatMap(({ spec }) => spec.verification ?? []);
  if (asked.length === 0) return undefined;
  return {
    healthyFor: Math.max(...asked.map(({ healthyFor }) => parseDuration(healthyFor))),
    timeout: Math.max(...asked.map(({ timeout }) => parseDuration(timeout))),
  };
}
