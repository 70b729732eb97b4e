import type { AegisRemediation, RemediationTarget } from '../crds/remediation.ts';

/** How caches find the attempts that touch a thing; see `claimsOf`. */
export const byClaim = { name: 'claim', of: claimsOf };

/**
 * What an attempt acts upon and nobody else may act upon meanwhile, the widest first: of a pod that is known to be on a
 * node, the node and the pod. Empty when there is no target, and for what only reads: evidence may be gathered beside an
 * action, and is wanted most when something acts.
 */
export function claimsOf({ spec: { target, risk } }: AegisRemediation): string[] {
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

/** What an attempt locks while it acts: the widest of its claims. Undefined when it needs no lock. */
export function lockOf(remediation: AegisRemediation): string | undefined {
  return claimsOf(remediation)[0];
}

/** Whether both act upon the very same object, and not only upon things of which one is on the other. */
export function haveSameTarget(one: AegisRemediation, other: AegisRemediation): boolean {
  const target = claimsOf(one).at(-1);
  return target !== undefined && target === claimsOf(other).at(-1);
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
