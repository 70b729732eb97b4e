import { kinds } from '../../crds/kinds.ts';
import type { Cluster } from '../../devcluster/cluster.ts';
import { borrowCluster } from '../harness/cluster.ts';
import { openApiClient, type ApiClient } from './api-client.ts';

/** An API server with the kinds of Aegis, and nothing else. */
export interface CrdCluster {
  kubectl: Cluster['kubectl'];
  client: ApiClient;
  stop(): Promise<void>;
}

/** @param before work to do before the kinds are installed */
export async function startCrdCluster(before?: (kubectl: Cluster['kubectl']) => Promise<void>): Promise<CrdCluster> {
  const cluster = await borrowCluster({ contents: before === undefined ? 'kinds' : 'bare' });
  try {
    await before?.(cluster.kubectl);
    if (before !== undefined) await cluster.kubectl(['apply', '--filename', 'manifests/install']);
    const names = kinds.map(({ resource }) => `crd/${resource.plural}.${resource.group}`);
    await cluster.kubectl(['wait', '--for=condition=Established', ...names]);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  const client = openApiClient(cluster.kubeconfigPath);
  return {
    kubectl: cluster.kubectl,
    client,
    stop: async () => {
      await client.close();
      await cluster.stop();
    },
  };
}
