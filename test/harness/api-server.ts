import { startCluster, type Cluster } from '../../devcluster/cluster.ts';
import { MANIFESTS, NAMESPACE } from '../../devcluster/start/aegis.ts';

/** A real API server with what Aegis installs, and nothing else: no nodes, Argo or Redis, and no role of Aegis. */
export function startApiServer(): Promise<Cluster> {
  return startCluster({
    nodes: 'none',
    argo: false,
    redis: false,
    manifests: MANIFESTS,
    defaultNamespace: NAMESPACE,
    unsafeNoFsync: true,
  });
}
