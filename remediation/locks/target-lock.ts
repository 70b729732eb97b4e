import type { AegisRemediation, RemediationTarget } from '../../crds/remediation.ts';

/** How caches find the attempts that touch a thing; see `claimsOf`. */
export const byClaim = { name: 'claim', of: claimsOf };

/** The reason of an attempt that waits for a lock. */
export const lockBusy = 'ResourceBusy';

/** Something that one attempt at a time locks while it acts. */
export interface LockKind {
  /** Lower case with hyphens; for logs and metrics. */
  readonly name: string;
  /** The name of the lock that an attempt needs; undefined when it needs none. */
  readonly lockOf: (remediation: AegisRemediation) => string | undefined;
  /** What is locked, in words. */
  readonly describe: (remediation: AegisRemediation) => string;
}

/** The very object, or what it is on. */
export const targetLock: LockKind = {
  name: 'target-lock',
  lockOf: (remediation) => targetClaims(remediation)[0],
  describe: ({ spec }) => targetText(spec.target ?? {}),
};

/**
 * The nodes of the control plane together: with two of three gone, so is etcd, and with it whatever could repair them. What
 * undoes an action does not wait for the other nodes.
 */
export const controlPlaneLock: LockKind = {
  name: 'control-plane-lock',
  lockOf: ({ spec: { target, risk, alertStatus } }) =>
    target?.controlPlane === true && risk !== 'ReadOnly' && alertStatus === 'Firing' ? 'control-plane' : undefined,
  describe: () => 'the control plane',
};

/** What an attempt acts upon and nobody else may act upon meanwhile, the widest first. */
export function claimsOf(remediation: AegisRemediation): string[] {
  const controlPlane = controlPlaneLock.lockOf(remediation);
  return [...(controlPlane === undefined ? [] : [controlPlane]), ...targetClaims(remediation)];
}

/**
 * Of a pod that is known to be on a node, the node and the pod. Empty when there is no target, and for what only reads:
 * evidence may be gathered beside an action, and is wanted most when something acts.
 */
function targetClaims({ spec: { target, risk } }: AegisRemediation): string[] {
  if (risk === 'ReadOnly' || target?.kind === undefined || target.name === undefined) return [];
  const { kind, name, namespace = '', node } = target;
  switch (kind.toLowerCase()) {
    // Some senders give everything a namespace.
    case 'node':
      return [`node/${name}`];
    case 'pod': {
      const pod = `pod/${namespace}/${name}`;
      return node === undefined ? [pod] : [`node/${node}`, pod];
    }
    default:
      return [`${kind.toLowerCase()}/${namespace}/${name}`];
  }
}

/** Whether both act upon the very same object, and not only upon things of which one is on the other. */
export function haveSameTarget(one: AegisRemediation, other: AegisRemediation): boolean {
  const target = targetClaims(one).at(-1);
  return target !== undefined && target === targetClaims(other).at(-1);
}

/**
 * Whether what holds a lock leaves it to what undoes it: an attempt that has been carried out, and of which only is not
 * known yet whether it helped, to the attempt that the end of the same alert asks for.
 */
export function leavesLockTo(holder: AegisRemediation, other: AegisRemediation): boolean {
  return (
    holder.status?.phase === 'Verifying' &&
    holder.spec.alertRef.uid === other.spec.alertRef.uid &&
    other.spec.alertStatus === 'Resolved'
  );
}

/** A target in words. */
export function targetText({ kind = '', namespace, name = '', node }: RemediationTarget): string {
  const where = namespace === undefined ? '' : `${namespace}/`;
  return `${kind} ${where}${name}${node === undefined ? '' : ` on Node ${node}`}`.trim();
}

/** Who holds a lock. */
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
