import { oncePerObject } from '../../lib/memoize.ts';
import { effectivePolicy, type EffectivePolicy } from '../policies/effective.ts';
import type { GateFacts } from '../gate.ts';

type PolicyFacts = Pick<GateFacts, 'remediation' | 'alert' | 'target' | 'world'>;

/** What the policies that concern an attempt ask of it together: as they are when it is first asked for with these facts. */
export const policyOf = oncePerObject(({ remediation, alert, target, world }: PolicyFacts): EffectivePolicy =>
  effectivePolicy(world.policies(), { remediation, alert, target }),
);
