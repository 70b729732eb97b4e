import type { KubeObject, ResourceType } from '../../crds/object.ts';

/** coordination.k8s.io/v1; times are RFC 3339 with exactly six digits after the second. */
export interface Lease extends KubeObject {
  spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Absent when the Lease is free. */
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

export const leases: ResourceType<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

/** Returns a time in the format of MicroTime, which the API server requires. */
export function toMicroTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
