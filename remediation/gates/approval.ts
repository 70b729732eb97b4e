import { toTime } from '../../crds/conditions.ts';
import { approvalStateOf } from '../approval.ts';
import type { Gate } from './gate.ts';

/** Enough different people agree. Nothing is held while they think, and silence is a no. */
export const approval: Gate = {
  name: 'approval',
  ask({ remediation, now }) {
    const { state, required, approvers, rejection, deadline } = approvalStateOf(remediation, now);
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
        const message = `${approvers.length} of ${required} approvals by ${toTime(deadline)}, which is a no`;
        return { phase: 'Expired', reason: 'ApprovalExpired', message };
      }
      case 'Open': {
        const by = approvers.length === 0 ? '' : ` (${approvers.join(', ')})`;
        const message = `${approvers.length} of ${required} approvals${by}; denied at ${toTime(deadline)}`;
        return { phase: 'AwaitingApproval', reason: 'ApprovalPending', message, until: deadline };
      }
    }
  },
};
