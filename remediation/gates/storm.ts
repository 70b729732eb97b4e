import { toTime } from '../../crds/conditions.ts';
import { stormOf, type Storm, type StormLimit } from '../policies/storms.ts';
import { isRecovery } from '../attempts/history.ts';
import type { Gate } from '../gate.ts';

/**
 * Blocks attempts of rules while more alerts arrive than the policies allow: many alerts at once are a sign of one large
 * problem, which an action for each would make worse. Attempts of users and recoveries pass.
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
