import type { AegisRemediation } from '../../crds/remediation.ts';
import { controlPlaneClaim, describeTarget, targetClaims } from '../attempts/target.ts';

/** The reason of an attempt that waits for a lock. */
export const lockBusy = 'ResourceBusy';

/** Something that one attempt at a time locks while it acts. */
export interface LockKind {
  /** Lower case with hyphens; for logs and metrics. */
  readonly name: string;
  /** The name of the lock that an attempt needs; undefined when it needs none. */
  readonly lockOf: (remediation: AegisRemediation) => string | undefined;
  /** The locked object, in words. */
  readonly describe: (remediation: AegisRemediation) => string;
}

/** The very object, or what it is on. */
export const targetLock: LockKind = {
  name: 'target-lock',
  lockOf: (remediation) => targetClaims(remediation)[0],
  describe: ({ spec }) => describeTarget(spec.target ?? {}),
};

/** The nodes of the control plane together: one at a time is acted on. */
export const controlPlaneLock: LockKind = {
  name: 'control-plane-lock',
  lockOf: controlPlaneClaim,
  describe: () => 'the control plane',
};

/**
 * Returns whether the holder leaves its lock to another attempt: one that is being verified leaves it to the recovery
 * that follows the resolve of the same alert.
 */
export function leavesLockTo(holder: AegisRemediation, other: AegisRemediation): boolean {
  return (
    holder.status?.phase === 'Verifying' &&
    holder.spec.alertRef.uid === other.spec.alertRef.uid &&
    other.spec.alertStatus === 'Resolved'
  );
}

/** The attempt that holds a lock. */
export interface LockHolder {
  namespace: string;
  name: string;
  uid: string;
}

/** How a Lease names its holder. */
export function holderIdentityOf({ metadata: { namespace = '', name, uid = '' } }: AegisRemediation): string {
  return `${namespace}/${name}/${uid}`;
}

/** The holder that an identity names; undefined when it names none of ours. */
export function parseHolderIdentity(identity: string): LockHolder | undefined {
  const [namespace, name, uid, ...rest] = identity.split('/');
  if (!namespace || !name || !uid || rest.length > 0) return undefined;
  return { namespace, name, uid };
}
