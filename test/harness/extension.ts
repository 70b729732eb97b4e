import type { Cluster } from '../../devcluster/cluster.ts';
import { SERVICE } from '../../devcluster/start/aegis.ts';
import { createExtensionService } from '../../devcluster/start/extension.ts';
import { startServiceProxy, type ServiceProxy } from './service-proxy.ts';

/** One process of the apiserver role: its ports on 127.0.0.1, and where it says whether it is ready. */
export interface ExtensionReplica {
  readonly api: number;
  readonly webhooks: number;
  readonly ready: string;
}

/** The two ports of the Service, as kube-apiserver dials them. */
export interface ExtensionService {
  readonly api: ServiceProxy;
  readonly webhooks: ServiceProxy;
  stop(): Promise<void>;
}

/** Leads kube-apiserver to the replicas that are ready. */
export async function startExtensionService(
  cluster: Cluster,
  replicas: readonly ExtensionReplica[],
): Promise<ExtensionService> {
  const [api, webhooks] = await Promise.all([
    startServiceProxy(replicas.map(({ api: port, ready }) => ({ port, ready }))),
    startServiceProxy(replicas.map(({ webhooks: port, ready }) => ({ port, ready }))),
  ]);
  await createExtensionService(cluster.kubectl, SERVICE, api.port);
  return {
    api,
    webhooks,
    stop: async () => {
      await Promise.all([api.stop(), webhooks.stop()]);
    },
  };
}
