import { effectivePolicy, type EffectivePolicy } from '../policies/effective.ts';
import type { GateFacts } from './gate.ts';

/** What the policies that concern an attempt ask of it together. */
export function policyOf({
  remediation,
  alert,
  target,
  world,
}: Pick<GateFacts, 'remediation' | 'alert' | 'target' | 'world'>): EffectivePolicy {
  return effectivePolicy(world.policies(), { remediation, alert, target });
}
