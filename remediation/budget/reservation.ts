import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { RemediationPolicyStatus } from '../../crds/remediation-policy-status.ts';
import type { ClusterView } from '../cluster-view.ts';
import { hasBudget } from './subject.ts';
import { attemptPath, targetPath } from './target-key.ts';
import { shown, useOf } from './use.ts';
import { countedStarts } from './window.ts';

/** The budget part of the status of a policy; each field is written as a whole. */
export type Ledger = Pick<RemediationPolicyStatus, 'budget'> &
  Required<Pick<RemediationPolicyStatus, 'reservations' | 'recentStarts'>>;

interface Moment {
  readonly cluster: ClusterView;
  readonly now: Date;
}

/** Whether an attempt holds a part of a budget. */
export function holds({ status }: AegisRemediationPolicy, { metadata }: AegisRemediation): boolean {
  return status?.reservations?.some(({ uid }) => uid === metadata.uid) === true;
}

/** The ledger after an attempt passed the gate. Its earlier entry is replaced: the attempt starts now. */
export function withReservation(policy: AegisRemediationPolicy, remediation: AegisRemediation, moment: Moment): Ledger {
  const { reservations = [], recentStarts = [] } = policy.status ?? {};
  const name = attemptPath(remediation);
  const target = targetPath(remediation.spec.target);
  // Fractions of seconds too: a window must not end before its time.
  const time = moment.now.toISOString();
  const uid = remediation.metadata.uid ?? '';
  const reservation = { remediation: name, uid, ...(target === undefined ? {} : { target }), time };
  return ledger(
    policy,
    [...reservations.filter((one) => one.remediation !== name), reservation],
    [...recentStarts.filter((one) => one.remediation !== name), { remediation: name, time }],
    moment,
  );
}

/**
 * The ledger after an attempt was done, or could not start after all. Only in that case its start does not count.
 *
 * @returns undefined when it holds nothing
 */
export function withoutReservation(
  policy: AegisRemediationPolicy,
  remediation: AegisRemediation,
  use: 'used' | 'unused',
  moment: Moment,
): Ledger | undefined {
  if (!holds(policy, remediation)) return undefined;
  const { reservations = [], recentStarts = [] } = policy.status ?? {};
  const name = attemptPath(remediation);
  return ledger(
    policy,
    reservations.filter(({ uid }) => uid !== remediation.metadata.uid),
    use === 'used' ? recentStarts : recentStarts.filter((one) => one.remediation !== name),
    moment,
  );
}

/** The ledger with these entries and what they amount to; starts that do not count any more go. */
export function ledger(
  policy: AegisRemediationPolicy,
  reservations: Ledger['reservations'],
  starts: Ledger['recentStarts'],
  moment: Moment,
): Ledger {
  const recentStarts = countedStarts(policy.spec.budget ?? {}, starts, moment.now);
  const next = { ...policy, status: { ...policy.status, reservations, recentStarts } };
  if (!hasBudget(next)) return { reservations, recentStarts };
  return { reservations, recentStarts, budget: shown(next, useOf(next, moment)) };
}
