import { toTime } from '../../crds/conditions.ts';
import type { GateReason } from '../../crds/reasons.ts';
import type { RemediationStatus } from '../../crds/remediation.ts';
import { isByHand } from '../attempts/history.ts';
import { approversOf } from '../approval/approval.ts';
import { demandUnder } from '../approval/demand.ts';
import { reminderSchedule } from '../approval/reminder.ts';
import type { GateAnswer, GateFacts } from '../gate.ts';

/** How long a person is waited for where no policy says; milliseconds. */
const defaultTimeoutMs = 15 * 60_000;

/**
 * Asks for one person where no rule or policy asks for more: somebody who started the attempt by hand, or who approves
 * it. She has as long as the policies give to approvers, from when she was first asked; silence is a no.
 */
export function oneUser<Reason extends GateReason>(
  facts: GateFacts,
  reason: Reason,
  why: string,
): GateAnswer<Reason | 'ApprovalExpired'> {
  const { remediation, now, revoked } = facts;
  const policies = facts.policy.approval;
  const demand = demandUnder(policies, remediation, now);
  if (isByHand(remediation) || approversOf(remediation, { demand, revoked }).length > 0) return undefined;
  if (demand.impossible !== undefined) return { reason, message: `${why}, and no user can: ${demand.impossible}` };
  const asked = askedSince(remediation.status, reason) ?? now;
  const deadline = new Date(asked.getTime() + (policies.timeoutMs ?? defaultTimeoutMs));
  if (now < deadline) {
    const schedule = reminderSchedule(asked, deadline, now);
    const over = schedule.reminder === undefined ? '' : `; ${schedule.reminder}`;
    const message = `${why}; denied at ${toTime(deadline)}${over}`;
    return { phase: 'AwaitingApproval', reason, message, until: deadline, ...schedule };
  }
  const message = `${why}; expired without approval at ${toTime(deadline)}`;
  return { phase: 'Expired', reason: 'ApprovalExpired', message };
}

/** Since when it waits for a person for this reason. */
function askedSince({ timeline = [] }: RemediationStatus = {}, reason: GateReason): Date | undefined {
  const entry = timeline.find((one) => one.phase === 'AwaitingApproval' && one.reason === reason);
  return entry === undefined ? undefined : new Date(entry.time);
}
