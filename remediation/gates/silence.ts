import { describeSilence, silenceOf } from '../../alerts/silence.ts';
import type { Gate } from '../gate.ts';

/** Nobody silenced the alert. What undoes an earlier action when the alert is over is not held back. */
export const silence: Gate<'Silenced'> = {
  name: 'silence',
  reasons: ['Silenced'],
  ask({ remediation, alert, now }) {
    const until = silenceOf(alert, now);
    if (until === undefined || remediation.spec.alertStatus === 'Resolved') return undefined;
    return { reason: 'Silenced', message: `the alert is ${describeSilence(alert)}`, until };
  },
};
