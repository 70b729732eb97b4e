import { toTime } from '../../crds/conditions.ts';
import { approvalStateOf } from '../approval/approval.ts';
import { demandUnder } from '../approval/demand.ts';
import { reminderSchedule } from '../approval/reminder.ts';
import type { Gate, GateFacts } from '../gate.ts';

/** Requires the approvals of enough different users who still have the right. Nothing is acquired while they decide. */
export const approval: Gate<'ApprovalPending' | 'ApprovalRejected' | 'ApprovalExpired' | 'ApproversImpossible'> = {
  name: 'approval',
  reasons: ['ApprovalPending', 'ApprovalRejected', 'ApprovalExpired', 'ApproversImpossible'],
  ask(facts) {
    const { remediation, now, revoked } = facts;
    const demand = demandUnder(facts.policy.approval, remediation, now);
    const { state, required, approvers, rejection, deadline } = approvalStateOf(remediation, now, { demand, revoked });
    switch (state) {
      case 'NotNeeded':
      case 'Granted':
        return undefined;
      case 'Rejected': {
        const comment = rejection?.comment === undefined ? '' : `: ${rejection.comment}`;
        return {
          phase: 'Rejected',
          reason: 'ApprovalRejected',
          message: `${rejection?.user ?? ''} rejected it${comment}`,
        };
      }
      case 'Expired': {
        const message = `expired with ${approvers.length} of ${required} required approvals at ${toTime(deadline)}`;
        return { phase: 'Expired', reason: 'ApprovalExpired', message: message + whatStands(facts, demand.impossible) };
      }
      case 'Open': {
        if (demand.impossible !== undefined) {
          const message = `no user can approve it: ${demand.impossible}`;
          return { reason: 'ApproversImpossible', message, until: deadline };
        }
        const by = approvers.length === 0 ? '' : ` (${approvers.join(', ')})`;
        const asked = new Date(remediation.metadata.creationTimestamp ?? now);
        const schedule = reminderSchedule(asked, deadline, now);
        const over = schedule.reminder === undefined ? '' : `; ${schedule.reminder}`;
        const message = `${approvers.length} of ${required} approvals${by}; denied at ${toTime(deadline)}${over}`;
        const answer = { phase: 'AwaitingApproval', reason: 'ApprovalPending' } as const;
        return { ...answer, message: message + whatStands(facts), until: deadline, ...schedule };
      }
    }
  },
};

/** Returns why approvals that were given do not count. */
function whatStands({ revoked }: GateFacts, impossible?: string): string {
  const gone = [...(revoked ?? [])].map(([user, why]) => `; the approval of ${user} does not count: ${why}`);
  return (impossible === undefined ? '' : `; no user could approve it: ${impossible}`) + gone.join('');
}
