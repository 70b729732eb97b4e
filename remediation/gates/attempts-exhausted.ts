import { hasActed, isByHand, isRecovery, mayHaveActed } from '../attempts/history.ts';
import type { Gate, GateFacts } from '../gate.ts';

/**
 * Blocks an episode without attempts left: one, or as many as the policies grant. Attempts that acted count, also those of
 * users and deleted ones. A user may always trigger another one.
 */
export const attemptsExhausted: Gate<'AttemptsExhausted'> = {
  name: 'attempts-exhausted',
  reasons: ['AttemptsExhausted'],
  ask(facts) {
    const { remediation } = facts;
    if (isByHand(remediation) || isRecovery(remediation)) return undefined;
    const { maxAttempts } = facts.policy;
    const acted = actedBefore(facts);
    if (acted < maxAttempts) return undefined;
    const message = `${acted} of ${maxAttempts} attempts for this alert have acted; a user may still trigger one`;
    return { reason: 'AttemptsExhausted', message };
  },
};

function actedBefore({ remediation, alert, siblings }: GateFacts): number {
  const present = new Set([remediation, ...siblings].map(({ metadata }) => metadata.name));
  const remembered = (alert.status?.remediations ?? []).filter(
    ({ name, phase }) => !present.has(name) && mayHaveActed(phase),
  );
  const known = siblings.filter((other) => hasActed(other) && !isRecovery(other));
  return known.length + remembered.length;
}
