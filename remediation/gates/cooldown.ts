import { toTime } from '../../crds/conditions.ts';
import { endOf, isDone, isRecovery } from '../attempts/history.ts';
import type { Gate } from '../gate.ts';

/** Blocks an attempt on a target whose last action was less than the cooldown of the policies ago. Recoveries pass. */
export const cooldown: Gate<'CoolingDown'> = {
  name: 'cooldown',
  reasons: ['CoolingDown'],
  ask(facts) {
    const { remediation, cluster, now } = facts;
    const { target } = remediation.spec;
    const { cooldownMs } = facts.policy;
    if (cooldownMs === 0 || target === undefined || isRecovery(remediation)) return undefined;
    const last = cluster
      .attemptsOn(target)
      .filter((other) => other.metadata.uid !== remediation.metadata.uid && isDone(other))
      .sort((a, b) => endOf(b) - endOf(a))[0];
    if (last === undefined) return undefined;
    const until = new Date(endOf(last) + cooldownMs);
    if (now >= until) return undefined;
    const message = `${last.metadata.name} acted on ${target.kind ?? ''} ${target.name ?? ''} until ${toTime(new Date(endOf(last)))}`;
    return { reason: 'CoolingDown', message, until };
  },
};
