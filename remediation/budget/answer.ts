import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { GateAnswer } from '../gate.ts';

/** Why a budget does not allow one more attempt; `until` when it is known when it will. */
export interface Refusal {
  readonly message: string;
  readonly until?: Date;
}

/** The reason of an attempt that waits for a budget. */
export const budgetExceeded = 'BudgetExceeded';

/** Milliseconds after which a budget that could not be used is tried again. */
const lookAgainMs = 30_000;

/**
 * Returns the answer of a budget that is used up. An attempt that waits for it sets no timer: a change of the use of the
 * budget wakes as many attempts as may fit, and the polls of thousands would keep the workers from the work that frees it.
 */
export function refusedBy(
  policy: AegisRemediationPolicy,
  { message, until }: Refusal,
): NonNullable<GateAnswer<typeof budgetExceeded>> {
  return { reason: budgetExceeded, message: `${prefixOf(policy)}${message}`, ...(until && { until }) };
}

/** Returns whether an attempt waits for the budget of this policy. */
export function waitsFor(policy: AegisRemediationPolicy, { status }: AegisRemediation): boolean {
  const { phase, reason, message } = status ?? {};
  return phase === 'Blocked' && reason === budgetExceeded && message?.startsWith(prefixOf(policy)) === true;
}

function prefixOf({ metadata }: AegisRemediationPolicy): string {
  return `policy ${metadata.name}: `;
}

/** Returns the answer of a budget that cannot be read or written: fails closed. */
export function unavailable(policy: string, why: string, now: Date): NonNullable<GateAnswer> {
  const message = `policy ${policy}: its budget cannot be used: ${why}`;
  return { reason: 'BudgetUnavailable', message, until: new Date(now.getTime() + lookAgainMs) };
}
