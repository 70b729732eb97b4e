import { apiServices } from '../../apiservice/registration/registered.ts';
import type { Cluster } from '../../devcluster/cluster.ts';
import { SERVICE } from '../../devcluster/start/aegis.ts';
import { createExtensionService } from '../../devcluster/start/extension.ts';
import { createInformer } from '../../kube/cache/informer.ts';
import { resources } from '../../kube/client/resources.ts';
import type { RestClient } from '../../kube/client/rest.ts';
import { createLogger } from '../../process/logger.ts';
import { eventually } from './eventually.ts';
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

const apiService = 'v1alpha1.subresources.aegis.io';

/** Waits until kube-apiserver sends requests for the group on to a replica. */
export async function apiAvailable({ kubectl }: Cluster): Promise<void> {
  const status = 'jsonpath={.status.conditions[?(@.type=="Available")].status}';
  await eventually(
    'the aggregated API to be available',
    async () => (await kubectl(['get', 'apiservice', apiService, '-o', status])) === 'True',
    { withinMs: 60_000 },
  );
}

/** Tells of every moment in which our APIService is not available, or not there, until the signal. */
export async function watchAvailability(
  rest: RestClient,
  signal: AbortSignal,
  onUnavailable: (conditions: string) => void,
): Promise<void> {
  const informer = createInformer(resources(rest, apiServices), { logger: createLogger('silent') });
  informer.onChange(({ type, object: { metadata, status } }) => {
    if (metadata.name !== apiService) return;
    const available = status?.conditions?.find((condition) => condition.type === 'Available')?.status === 'True';
    if (type === 'deleted' || !available) onUnavailable(JSON.stringify(status?.conditions));
  });
  void informer.start(signal);
  await informer.synced;
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
