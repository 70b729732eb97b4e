import { isByHand } from '../attempts/history.ts';
import type { StopReason } from '../../crds/reasons.ts';
import { Risk } from '../../crds/ops-template.ts';
import { isActing, type AegisRemediation } from '../../crds/remediation.ts';
import { lockBusy } from './target-lock.ts';
import { haveSameTarget, describeTarget } from '../attempts/target.ts';
import type { ClusterView } from '../cluster-view.ts';

/**
 * The attempt that began to act upon the same object in a stronger way while a weaker one waited, which is therefore not
 * wanted any more. What is asked for later is about what came later: it waits. The risks of templates are the only order
 * of strength there is.
 */
export function supersederByRisk(weaker: AegisRemediation, cluster: ClusterView): AegisRemediation | undefined {
  const created = Date.parse(weaker.metadata.creationTimestamp ?? '');
  return strongerThan(weaker, cluster).find(
    ({ status }) => isActing(status?.phase) && created <= Date.parse(status?.startTime ?? ''),
  );
}

/**
 * The attempt that waits for the same object, and for nothing else, to act in a stronger way: it goes first. A weaker one
 * only stands back, since what waits may still come to nothing.
 */
export function riskierWaiting(weaker: AegisRemediation, cluster: ClusterView): AegisRemediation | undefined {
  return strongerThan(weaker, cluster).find(({ status }) => status?.phase === 'Blocked' && status.reason === lockBusy);
}

/** Whether an attempt may have to give way to another one at some time. */
export function mayBeSupersededBy(weaker: AegisRemediation, other: AegisRemediation): boolean {
  return mayGiveWay(weaker) && haveSameTarget(weaker, other) && strength(other) > strength(weaker);
}

/** Why an attempt gave way. */
export function supersededByRisk({ metadata, spec }: AegisRemediation): { reason: StopReason; message: string } {
  const target = describeTarget(spec.target ?? {});
  const message = `${metadata.namespace ?? ''}/${metadata.name} acts on ${target} with the higher risk ${spec.risk}`;
  return { reason: 'StrongerAction', message };
}

function strongerThan(weaker: AegisRemediation, cluster: ClusterView): readonly AegisRemediation[] {
  if (!mayGiveWay(weaker)) return [];
  return cluster.rivalsOf(weaker).filter((other) => mayBeSupersededBy(weaker, other));
}

/** What a person asks for is never dropped, nor what undoes an earlier action when its alert is over. */
function mayGiveWay(remediation: AegisRemediation): boolean {
  return !isByHand(remediation) && remediation.spec.alertStatus === 'Firing';
}

function strength({ spec }: AegisRemediation): number {
  return Risk.options.indexOf(spec.risk);
}
