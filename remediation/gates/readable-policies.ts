import type { Gate } from '../gate.ts';

/** The most problems that a message names. */
const maxNamed = 3;

/** Every policy that concerns the attempt can be evaluated: one that cannot be read may forbid it. */
export const readablePolicies: Gate<'PolicyInvalid'> = {
  name: 'readable-policies',
  reasons: ['PolicyInvalid'],
  ask(facts) {
    const { problems } = facts.policy;
    if (problems.length === 0) return undefined;
    const more = problems.length > maxNamed ? `; and ${problems.length - maxNamed} more` : '';
    return { reason: 'PolicyInvalid', message: problems.slice(0, maxNamed).join('; ') + more };
  },
};
