import { annotations, labels } from '../../crds/labels.ts';
import { lockName } from '../../crds/names.ts';
import { apiVersionOf } from '../../crds/object.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { leases, toMicroTime, type Lease } from '../../kube/kinds/lease.ts';
import { holderIdentityOf, parseHolderIdentity, type LockHolder } from '../../remediation/locks/target-lock.ts';
import { describeTarget } from '../../remediation/attempts/target.ts';

/** Selects the Leases that lock targets. */
export const lockSelector = `${labels.lock}=target`;

/**
 * How long a holder without a Workflow keeps a lock; seconds. The submission takes milliseconds, and its request times out
 * after ten seconds.
 */
export const lockSeconds = 60;

/**
 * The Lease by which an attempt holds a lock.
 *
 * @param before the Lease that it takes over: then it is written only over that very state
 */
export function lockLease(
  remediation: AegisRemediation,
  { lock, namespace, now, before }: { lock: string; namespace: string; now: Date; before?: Lease },
): Lease {
  const { metadata, spec } = remediation;
  const { uid, resourceVersion } = before?.metadata ?? {};
  const time = toMicroTime(now);
  return {
    apiVersion: apiVersionOf(leases),
    kind: leases.kind,
    metadata: {
      namespace,
      name: lockName(lock),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      labels: {
        [labels.managedBy]: 'aegis',
        [labels.lock]: 'target',
        [labels.remediation]: metadata.name,
        [labels.remediationNamespace]: metadata.namespace ?? '',
      },
      annotations: {
        [annotations.target]: describeTarget(spec.target ?? {}),
        [annotations.template]: `${spec.templateRef.namespace}/${spec.templateRef.name}`,
      },
    },
    spec: {
      holderIdentity: holderIdentityOf(remediation),
      leaseDurationSeconds: lockSeconds,
      acquireTime: time,
      renewTime: time,
      ...(before !== undefined && { leaseTransitions: (before.spec?.leaseTransitions ?? 0) + 1 }),
    },
  };
}

/** Returns the holder of a lock: an attempt, `none`, or `foreign` for an identity that Aegis did not write. */
export function holderOf({ spec }: Lease): LockHolder | 'none' | 'foreign' {
  if (!spec?.holderIdentity) return 'none';
  return parseHolderIdentity(spec.holderIdentity) ?? 'foreign';
}
