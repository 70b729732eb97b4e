import { toTime } from '../../crds/conditions.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { concerns } from '../policies/matching.ts';
import { pausesOf, type PauseInForce } from '../policies/pauses.ts';
import type { Gate } from '../gate.ts';

/** The most pauses that a message names. */
const maxNamed = 3;

/** Blocks an attempt while a policy that applies to it is paused. */
export const pause: Gate<'Paused'> = {
  name: 'pause',
  reasons: ['Paused'],
  ask({ remediation, alert, target, cluster, now }) {
    const holding = cluster
      .policies()
      .filter((policy) => concerns(policy, { remediation, alert, target }) !== 'no')
      .flatMap((policy) => pausesOf(policy, now).map((one) => ({ ...one, policy })));
    if (holding.length === 0) return undefined;
    const until = latest(holding);
    return { reason: 'Paused', message: describe(holding), ...(until === undefined ? {} : { until }) };
  },
};

/** Returns when the last pause expires; undefined when one lasts until a user resumes. */
function latest(holding: readonly PauseInForce[]): Date | undefined {
  const ends = holding.map(({ expires }) => expires);
  if (!ends.every((end) => end !== undefined)) return undefined;
  return new Date(Math.max(...ends.map((end) => end.getTime())));
}

function describe(holding: readonly (PauseInForce & { policy: AegisRemediationPolicy })[]): string {
  const named = holding.slice(0, maxNamed).map(({ policy, by, reason, expires }) => {
    const end = expires === undefined ? '' : ` until ${toTime(expires)}`;
    return `policy ${policy.metadata.name} is paused by ${by}${end}: ${reason}`;
  });
  const more = holding.length - named.length;
  return named.join('; ') + (more === 0 ? '' : `; and ${more} more`);
}
