import { isByHand } from '../attempts/history.ts';
import type { StopReason } from '../../crds/reasons.ts';
import { Risk } from '../../crds/ops-template.ts';
import { isActing, type AegisRemediation } from '../../crds/remediation.ts';
import { lockBusy } from './target-lock.ts';
import { haveSameTarget, describeTarget } from '../attempts/target.ts';
import type { ClusterView } from '../cluster-view.ts';

/**
 * Returns the attempt with a higher risk that began to act on the same object while this one waited, which is therefore
 * superseded. An attempt that was created later is about something later: it waits. Risk is the only order of strength.
 */
export function supersederByRisk(weaker: AegisRemediation, cluster: ClusterView): AegisRemediation | undefined {
  const created = Date.parse(weaker.metadata.creationTimestamp ?? '');
  return strongerThan(weaker, cluster).find(
    ({ status }) => isActing(status?.phase) && created <= Date.parse(status?.startTime ?? ''),
  );
}

/**
 * Returns the attempt with a higher risk that waits for the same object and nothing else: it goes first. The attempt with
 * the lower risk only waits, since the other one may still be cancelled.
 */
export function riskierWaiting(weaker: AegisRemediation, cluster: ClusterView): AegisRemediation | undefined {
  return strongerThan(weaker, cluster).find(({ status }) => status?.phase === 'Blocked' && status.reason === lockBusy);
}

/** Returns whether another attempt can supersede an attempt by its risk. */
export function mayBeSupersededBy(weaker: AegisRemediation, other: AegisRemediation): boolean {
  return mayGiveWay(weaker) && haveSameTarget(weaker, other) && strength(other) > strength(weaker);
}

/** Returns why an attempt is superseded. */
export function supersededByRisk({ metadata, spec }: AegisRemediation): { reason: StopReason; message: string } {
  const target = describeTarget(spec.target ?? {});
  const message = `${metadata.namespace ?? ''}/${metadata.name} acts on ${target} with the higher risk ${spec.risk}`;
  return { reason: 'StrongerAction', message };
}

function strongerThan(weaker: AegisRemediation, cluster: ClusterView): readonly AegisRemediation[] {
  if (!mayGiveWay(weaker)) return [];
  return cluster.rivalsOf(weaker).filter((other) => mayBeSupersededBy(weaker, other));
}

/** Attempts of users and recoveries are never superseded. */
function mayGiveWay(remediation: AegisRemediation): boolean {
  return !isByHand(remediation) && remediation.spec.alertStatus === 'Firing';
}

function strength({ spec }: AegisRemediation): number {
  return Risk.options.indexOf(spec.risk);
}
