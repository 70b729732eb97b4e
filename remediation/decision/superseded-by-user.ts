import { isByHand, isUserDryRun } from '../attempts/history.ts';
import type { StopReason } from '../../crds/reasons.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';

/**
 * The attempt of a person that takes the place of a rule's own; undefined when there is none. Both start something for
 * the same state of an alert when they do so at one moment, each before it can know of the other: then the person's word
 * counts, as it does when she comes first. Whoever comes later knows what was started, and means to start more.
 *
 * Only a rule's attempt ever gives way, and only to a person's, so that no two give way to each other.
 */
export function supersederByUser(
  remediation: AegisRemediation,
  siblings: readonly AegisRemediation[],
): AegisRemediation | undefined {
  if (isByHand(remediation)) return undefined;
  return siblings.find((other) => isByHand(other) && !isUserDryRun(other) && takesPlaceOf(other, remediation));
}

/** Times have seconds: within one, who came first is not known. A later attempt than hers goes on where hers ended. */
function takesPlaceOf(hers: AegisRemediation, own: AegisRemediation): boolean {
  return (
    hers.spec.alertStatus === own.spec.alertStatus &&
    own.spec.attempt <= hers.spec.attempt &&
    createdAt(hers) <= createdAt(own)
  );
}

/** Milliseconds since 1970; what has no time yet is as old as can be. */
function createdAt({ metadata }: AegisRemediation): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}

/** Why an attempt gave way. */
export function supersededByUser({ metadata, spec }: AegisRemediation): { reason: StopReason; message: string } {
  const message = `${spec.requestedBy.username} started ${metadata.name} for the same alert at this moment or before`;
  return { reason: 'TriggeredByUser', message };
}
