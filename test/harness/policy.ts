import type { Cluster } from '../../devcluster/cluster.ts';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';

/** Creates or changes a policy, as an admin would; the workers see it within moments. */
export async function applyPolicy(cluster: Cluster, name: string, spec: Partial<RemediationPolicySpec>): Promise<void> {
  const object = { apiVersion: 'aegis.io/v1alpha1', kind: 'AegisRemediationPolicy', metadata: { name }, spec };
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(object));
}
