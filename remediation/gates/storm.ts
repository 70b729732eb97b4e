import { toTime } from '../../crds/conditions.ts';
import { stormOf, type Storm, type StormLimit } from '../policies/storms.ts';
import { isRecovery } from '../attempts/history.ts';
import type { Gate } from '../gate.ts';

/**
 * No more alerts come in than the policies take for a sign of many small troubles, and not of one large one that acting on
 * each would make worse. People may still act, and what undoes an action goes on.
 */
export const storm: Gate<'AlertStorm'> = {
  name: 'storm',
  reasons: ['AlertStorm'],
  ask(facts) {
    const { remediation, cluster, now } = facts;
    if (remediation.spec.requestedBy.via !== 'rule' || isRecovery(remediation)) return undefined;
    const storms = facts.policy.storms.flatMap((limit) => {
      const found = stormOf(cluster.alerts(), limit, now);
      return found === undefined ? [] : [{ limit, ...found }];
    });
    const longest = storms.sort((a, b) => b.until.getTime() - a.until.getTime())[0];
    if (longest === undefined) return undefined;
    return { reason: 'AlertStorm', message: describe(longest), until: longest.until };
  },
};

function describe({ limit, recent, until }: Storm & { limit: StormLimit }): string {
  const { policy, alerts, windowMs } = limit;
  const state =
    recent > alerts
      ? `${recent} new alerts within ${windowMs / 1_000} s, more than the ${alerts} that policy ${policy} allows`
      : `policy ${policy} holds attempts until its cooldown after a storm of alerts has passed`;
  return `${state}; rules start nothing before ${toTime(until)}, users may`;
}
