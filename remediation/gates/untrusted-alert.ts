import type { Gate } from '../gate.ts';
import { oneUser } from './one-user.ts';

/**
 * An alert that a model read out of free text never changes anything by itself, because every sender of text could make
 * it say anything. That goes for its resolve as well.
 */
export const untrustedAlert: Gate<'UntrustedAlert' | 'ApprovalExpired'> = {
  name: 'untrusted-alert',
  reasons: ['UntrustedAlert', 'ApprovalExpired'],
  ask(facts) {
    const { alert, remediation } = facts;
    const { risk } = remediation.spec;
    if (alert.spec.trust !== 'Inferred' || risk === 'ReadOnly') return undefined;
    const why = `the alert was inferred from free text and the template is ${risk}: one user must approve it`;
    return oneUser(facts, 'UntrustedAlert', why);
  },
};
