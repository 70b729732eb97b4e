import type { AegisRemediation, RemediationTarget } from '../../crds/remediation.ts';

/** Index of attempts by their claims; see `claimsOf`. */
export const byClaim = { name: 'claim', of: claimsOf };

/** Returns what no other attempt may act on meanwhile, the widest first. */
export function claimsOf(remediation: AegisRemediation): string[] {
  const controlPlane = controlPlaneClaim(remediation);
  return [...(controlPlane === undefined ? [] : [controlPlane]), ...targetClaims(remediation)];
}

/**
 * Returns the claim on the control plane as a whole; undefined for an attempt that needs none. With two of three nodes
 * gone, so is etcd, and with it all that could repair them. An attempt that undoes an action does not wait for the others.
 */
export function controlPlaneClaim({ spec: { target, risk, alertStatus } }: AegisRemediation): string | undefined {
  return target?.controlPlane === true && risk !== 'ReadOnly' && alertStatus === 'Firing' ? 'control-plane' : undefined;
}

/**
 * Of a pod that is known to be on a node, the node and the pod. Empty when there is no target, and for what only reads:
 * evidence may be gathered beside an action, and is wanted most when something acts.
 */
export function targetClaims({ spec: { target, risk } }: AegisRemediation): string[] {
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

/** Returns whether both act on the very same object, and not on a pod and its node. */
export function haveSameTarget(one: AegisRemediation, other: AegisRemediation): boolean {
  const target = targetClaims(one).at(-1);
  return target !== undefined && target === targetClaims(other).at(-1);
}

/** Returns a target in words. */
export function describeTarget({ kind = '', namespace, name = '', node }: RemediationTarget): string {
  const where = namespace === undefined ? '' : `${namespace}/`;
  return `${kind} ${where}${name}${node === undefined ? '' : ` on Node ${node}`}`.trim();
}
