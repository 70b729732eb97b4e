import { toTime } from '../../crds/conditions.ts';
import type { GateReason } from '../../crds/reasons.ts';
import type { RemediationStatus } from '../../crds/remediation.ts';
import { isByHand } from '../attempts/history.ts';
import { approversOf } from '../approval/approval.ts';
import { demandUnder } from '../approval/demand.ts';
import { reminderSchedule } from '../approval/reminder.ts';
import type { GateAnswer, GateFacts } from '../gate.ts';

/** The time to approve where no policy has a timeout; milliseconds. */
const defaultTimeoutMs = 15 * 60_000;

/**
 * Requires one user where no rule or policy requires more: the user who triggered the attempt, or one who approves it. The
 * approval expires after the timeout of the policies, counted from when it was first required.
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

/** Returns since when the attempt requires a user for this reason. */
function askedSince({ timeline = [] }: RemediationStatus = {}, reason: GateReason): Date | undefined {
  const entry = timeline.find((one) => one.phase === 'AwaitingApproval' && one.reason === reason);
  return entry === undefined ? undefined : new Date(entry.time);
}
