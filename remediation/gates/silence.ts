import { describeSilence, silenceOf } from '../../alerts/silence.ts';
import type { Gate } from '../gate.ts';

/** Blocks an attempt while its alert is silenced. Recoveries pass. */
export const silence: Gate<'Silenced'> = {
  name: 'silence',
  reasons: ['Silenced'],
  ask({ remediation, alert, now }) {
    const until = silenceOf(alert, now);
    if (until === undefined || remediation.spec.alertStatus === 'Resolved') return undefined;
    return { reason: 'Silenced', message: `the alert is ${describeSilence(alert)}`, until };
  },
};
