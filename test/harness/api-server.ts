import type { Cluster } from '../../devcluster/cluster.ts';
import { borrowCluster } from './cluster.ts';

/** A real API server with what Aegis installs, and nothing else: no nodes, Argo or Redis, and no role of Aegis. */
export function startApiServer(): Promise<Cluster> {
  return borrowCluster({ contents: 'aegis' });
}
