import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';

/** A pause that holds work now. */
export interface PauseInForce {
  /** User name, or where the entry comes from. */
  readonly by: string;
  readonly reason: string;
  /** Absent: until it is removed. */
  readonly expires?: Date;
}

/** Returns the pauses of a policy that are in force: those of its spec and those of users. */
export function pausesOf({ spec, status }: AegisRemediationPolicy, now: Date): PauseInForce[] {
  return [...(spec.pause ?? []), ...(status?.pauses ?? [])]
    .filter(({ expires }) => isInForce(expires, now))
    .map(({ by = 'its spec', reason, expires }) => ({
      by,
      reason,
      ...(isTime(expires) ? { expires: new Date(expires) } : {}),
    }));
}

/** An end that cannot be read is no end. */
export function isInForce(expires: string | undefined, now: Date): boolean {
  return !isTime(expires) || now.getTime() < Date.parse(expires);
}

function isTime(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}

type StatusPauses = NonNullable<NonNullable<AegisRemediationPolicy['status']>['pauses']>;
/** A pause of a user. */
export type UserPause = StatusPauses[number];

/**
 * `status.pauses` with one more; entries that are over go. A pause of the same user with the same reason only moves the end.
 *
 * @returns undefined when it is there already
 */
export function withPause({ status }: AegisRemediationPolicy, next: UserPause, now: Date): StatusPauses | undefined {
  const present = (status?.pauses ?? []).filter(({ expires }) => isInForce(expires, now));
  const before = present.find(({ by, reason }) => by === next.by && reason === next.reason);
  if (before === undefined) return [...present, next];
  if (before.expires === next.expires) return undefined;
  const { id, since } = before;
  return present.map((one) => (one === before ? { ...next, id, since } : one));
}

/**
 * `status.pauses` without those of one user, or of all users; entries that are over go.
 *
 * @returns undefined when there is none to take away
 */
export function withoutPauses(
  { status }: AegisRemediationPolicy,
  by: { readonly name: string } | 'everybody',
  now: Date,
): StatusPauses | undefined {
  const present = (status?.pauses ?? []).filter(({ expires }) => isInForce(expires, now));
  const left = by === 'everybody' ? [] : present.filter((one) => one.by !== by.name);
  return left.length === present.length ? undefined : left;
}
