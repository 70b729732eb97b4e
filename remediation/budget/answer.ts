import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { GateAnswer } from '../gate.ts';

/** Why a budget does not allow one more; `until` when it is known when it will. */
export interface Refusal {
  readonly message: string;
  readonly until?: Date;
}

/** The reason of an attempt that waits for a budget. */
export const budgetExceeded = 'BudgetExceeded';

/** Milliseconds after which an attempt looks again whether a budget can be used. */
const lookAgainMs = 30_000;

/**
 * What a budget that is used up answers. An attempt that waits for it sets no timer: a change of what the budget is used
 * for wakes as many as may fit, and thousands that look again and again would keep the workers from what frees it.
 */
export function refusedBy(
  policy: AegisRemediationPolicy,
  { message, until }: Refusal,
): NonNullable<GateAnswer<typeof budgetExceeded>> {
  return { reason: budgetExceeded, message: `${prefixOf(policy)}${message}`, ...(until && { until }) };
}

/** Whether an attempt waits for the budget of this very policy. */
export function waitsFor(policy: AegisRemediationPolicy, { status }: AegisRemediation): boolean {
  const { phase, reason, message } = status ?? {};
  return phase === 'Blocked' && reason === budgetExceeded && message?.startsWith(prefixOf(policy)) === true;
}

function prefixOf({ metadata }: AegisRemediationPolicy): string {
  return `policy ${metadata.name}: `;
}

/** What a budget answers that cannot be read or written: what is not known to be allowed is not done. */
export function unavailable(policy: string, why: string, now: Date): NonNullable<GateAnswer> {
  const message = `policy ${policy}: its budget cannot be used: ${why}`;
  return { reason: 'BudgetUnavailable', message, until: new Date(now.getTime() + lookAgainMs) };
}
