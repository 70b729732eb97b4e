import { toTime } from '../../crds/conditions.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { BreakerState } from '../../crds/remediation-policy-status.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { countsForBreaker, endOf, failuresInARow, kindOf, ruleOf } from '../attempts/history.ts';
import { cachedTarget, type ClusterView } from '../cluster-view.ts';
import { concerns } from './matching.ts';

/** As many as the status can keep. */
const maxShown = 256;

/**
 * The breakers of a policy that have counted a failure, the open ones first; pure. The answer of the gate to the next
 * attempt by this policy alone: another one may be stricter.
 */
export function breakersOf(
  policy: AegisRemediationPolicy,
  { cluster, now }: { cluster: ClusterView; now: Date },
): BreakerState[] {
  const { circuitBreaker } = policy.spec;
  if (circuitBreaker === undefined) return [];
  const states = [...classesUnder(policy, cluster).values()].flatMap((attempts) => {
    const failures = failuresInARow(attempts);
    const last = failures[0];
    return last === undefined ? [] : [stateOf(last, failures.length, circuitBreaker, now)];
  });
  return states.sort(byUrgency).slice(0, maxShown);
}

/** All attempts of each rule on each kind of target of which one concerns the policy. */
function classesUnder(policy: AegisRemediationPolicy, cluster: ClusterView): Map<string, AegisRemediation[]> {
  const classes = new Map<string, AegisRemediation[]>();
  const concerned = new Set<string>();
  for (const attempt of cluster.attempts()) {
    if (attempt.spec.ruleRef === undefined || !countsForBreaker(attempt)) continue;
    const id = `${ruleOf(attempt)} ${kindOf(attempt)}`;
    const known = classes.get(id);
    if (known === undefined) classes.set(id, [attempt]);
    else known.push(attempt);
    if (!concerned.has(id) && isUnder(policy, attempt, cluster)) concerned.add(id);
  }
  for (const id of classes.keys()) if (!concerned.has(id)) classes.delete(id);
  return classes;
}

function isUnder(policy: AegisRemediationPolicy, remediation: AegisRemediation, cluster: ClusterView): boolean {
  const alert = cluster.alertOf(remediation);
  const target = cachedTarget(cluster, remediation.spec.target);
  return alert !== undefined && concerns(policy, { remediation, alert, target }) !== 'no';
}

function stateOf(
  last: AegisRemediation,
  failures: number,
  breaker: NonNullable<AegisRemediationPolicy['spec']['circuitBreaker']>,
  now: Date,
): BreakerState {
  const known = { rule: ruleOf(last), targetKind: last.spec.target?.kind ?? '', failures };
  if (failures < breaker.failures) return { ...known, state: 'Closed' };
  const openUntil = new Date(endOf(last) + lengthOf(breaker.openFor));
  if (now < openUntil) return { ...known, state: 'Open', openUntil: toTime(openUntil) };
  return { ...known, state: 'HalfOpen' };
}

/** Milliseconds; what cannot be read makes the policy block anyway, and its condition says so. */
function lengthOf(openFor: string): number {
  try {
    return parseDuration(openFor);
  } catch {
    return 0;
  }
}

const order = { Open: 0, HalfOpen: 1, Closed: 2 };

function byUrgency(a: BreakerState, b: BreakerState): number {
  return order[a.state] - order[b.state] || a.rule.localeCompare(b.rule) || a.targetKind.localeCompare(b.targetKind);
}
