import { isByHand, isUserDryRun } from '../attempts/history.ts';
import type { StopReason } from '../../crds/reasons.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';

/**
 * Returns the attempt of a user that supersedes the attempt of a rule; undefined when there is none. A user and a rule may
 * start an attempt for the same state of an alert at one moment, each before the other is visible: then the user's attempt
 * counts, as it does when it is the first. A user who triggers later has seen the rule's attempt, and wants another one.
 *
 * Only the attempt of a rule is superseded, and only by that of a user, so that no two supersede each other.
 */
export function supersederByUser(
  remediation: AegisRemediation,
  siblings: readonly AegisRemediation[],
): AegisRemediation | undefined {
  if (isByHand(remediation)) return undefined;
  return siblings.find((other) => isByHand(other) && !isUserDryRun(other) && takesPlaceOf(other, remediation));
}

/** Times have whole seconds: within one, the order is unknown. An attempt with a higher number follows the user's. */
function takesPlaceOf(byUser: AegisRemediation, own: AegisRemediation): boolean {
  return (
    byUser.spec.alertStatus === own.spec.alertStatus &&
    own.spec.attempt <= byUser.spec.attempt &&
    createdAt(byUser) <= createdAt(own)
  );
}

/** Returns milliseconds since 1970; 0 for an attempt without a time. */
function createdAt({ metadata }: AegisRemediation): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}

/** Returns why an attempt is superseded. */
export function supersededByUser({ metadata, spec }: AegisRemediation): { reason: StopReason; message: string } {
  const message = `${spec.requestedBy.username} started ${metadata.name} for the same alert at this moment or before`;
  return { reason: 'TriggeredByUser', message };
}
