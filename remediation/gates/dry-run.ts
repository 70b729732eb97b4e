import { dryRunOnly } from '../policies/effective.ts';
import type { Gate } from '../gate.ts';

/** No policy allows dry runs only. Attempts that are made under such a policy are dry runs; this is for those before. */
export const dryRun: Gate<'DryRun'> = {
  name: 'dry-run',
  reasons: ['DryRun'],
  ask(facts) {
    const policy = facts.policy;
    if (policy.dryRun.length === 0 || facts.remediation.spec.dryRun === true) return undefined;
    return { reason: 'DryRun', message: `planned before ${dryRunOnly(policy)}` };
  },
};
