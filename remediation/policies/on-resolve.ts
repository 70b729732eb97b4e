import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { concerns, type Selected } from './matching.ts';

/** Whether what runs has to stop when its alert resolves: one policy that says so is enough. */
export function stopsOnResolve(policies: readonly AegisRemediationPolicy[], selected: Selected): boolean {
  return policies.some((policy) => policy.spec.onResolve === 'Stop' && concerns(policy, selected) !== 'no');
}
