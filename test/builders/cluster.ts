import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { createCache } from '../../kube/cache/cache.ts';
import { attemptIndexers } from '../../remediation/attempts/indexes.ts';
import { clusterViewOf, type NodeFacts, type ClusterView } from '../../remediation/cluster-view.ts';

/** A cluster with these things in it. */
export function aCluster(
  contents: {
    policies?: readonly AegisRemediationPolicy[];
    alerts?: readonly AegisAlert[];
    /** Attempts of any alert. */
    attempts?: readonly AegisRemediation[];
    nodes?: readonly NodeFacts[];
  } = {},
): ClusterView {
  const alerts = createCache<AegisAlert>();
  for (const alert of contents.alerts ?? []) alerts.put(alert);
  const remediations = createCache<AegisRemediation>(attemptIndexers);
  for (const attempt of contents.attempts ?? []) remediations.put(attempt);
  const nodes = createCache<NodeFacts>();
  for (const node of contents.nodes ?? []) nodes.put(node);
  return clusterViewOf({ alerts, policies: { list: () => contents.policies ?? [] }, remediations, nodes });
}
