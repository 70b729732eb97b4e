import { budgetExceeded, refusedBy } from '../budget/answer.ts';
import { refusalOf } from '../budget/refusal.ts';
import { budgetsFor } from '../budget/subject.ts';
import type { Gate } from '../gate.ts';

/** Every budget that is about the attempt has room for it, as far as caches know; the reservation decides. */
export const budget: Gate<typeof budgetExceeded> = {
  name: 'budget',
  reasons: [budgetExceeded],
  ask({ remediation, alert, cluster, now }) {
    for (const policy of budgetsFor(remediation, { cluster, alert })) {
      const refusal = refusalOf(policy, remediation, { cluster, now });
      if (refusal !== undefined) return refusedBy(policy, refusal);
    }
    return undefined;
  },
};
