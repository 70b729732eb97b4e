import { isActing } from '../../crds/remediation.ts';
import { strongerWaiting } from '../stronger.ts';
import { leavesLockTo, targetText } from '../target-lock.ts';
import type { Gate } from './gate.ts';

/** One action for each target at a time. This foretells what taking the lock decides. */
export const targetLock: Gate = {
  name: 'target-lock',
  ask({ remediation, world }) {
    const target = targetText(remediation.spec.target ?? {});
    const holder = world
      .rivalsOf(remediation)
      .find((other) => isActing(other.status?.phase) && !leavesLockTo(other, remediation));
    if (holder !== undefined) {
      const { namespace = '', name } = holder.metadata;
      const upon = targetText(holder.spec.target ?? {});
      return { reason: 'ResourceBusy', message: `${namespace}/${name} acts upon ${upon}` };
    }
    const first = strongerWaiting(remediation, world);
    if (first === undefined) return undefined;
    const { namespace = '', name } = first.metadata;
    const message = `${namespace}/${name} waits for ${target} too, and is ${first.spec.risk}`;
    return { reason: 'ResourceBusy', message };
  },
};
