import { isActing } from '../../crds/remediation.ts';
import { riskierWaiting } from '../locks/superseded-by-risk.ts';
import { leavesLockTo, lockBusy } from '../locks/target-lock.ts';
import { controlPlaneClaim, describeTarget } from '../attempts/target.ts';
import type { Gate } from '../gate.ts';

/**
 * One attempt for each target at a time, and one for all control-plane nodes; predicts the result of acquiring the
 * lock.
 */
export const targetLock: Gate<typeof lockBusy> = {
  name: 'target-lock',
  reasons: [lockBusy],
  ask({ remediation, cluster }) {
    const target = describeTarget(remediation.spec.target ?? {});
    const holder = cluster
      .rivalsOf(remediation)
      .find((other) => isActing(other.status?.phase) && !leavesLockTo(other, remediation));
    if (holder !== undefined) {
      const { namespace = '', name } = holder.metadata;
      const upon = describeTarget(holder.spec.target ?? {});
      const [own, others] = [remediation, holder].map(controlPlaneClaim);
      const why =
        own !== undefined && own === others ? ', and only one node of the control plane is acted on at a time' : '';
      return { reason: lockBusy, message: `${namespace}/${name} acts on ${upon}${why}` };
    }
    const first = riskierWaiting(remediation, cluster);
    if (first === undefined) return undefined;
    const { namespace = '', name } = first.metadata;
    const message = `${namespace}/${name} also waits for ${target}, with the higher risk ${first.spec.risk}`;
    return { reason: lockBusy, message };
  },
};
