import type { Registry } from 'prom-client';

import { connect, type ConnectionOptions } from './connection.ts';
import { createKubeMetrics, type KubeMetrics } from '../metrics.ts';
import { createRestClient, type RestClient } from './rest.ts';

/** The access of a process to the API server; roles in one process share one. */
export interface KubeAccess {
  readonly rest: RestClient;
  readonly metrics: KubeMetrics;
  /** The namespace of the kubeconfig's context or of the pod. */
  readonly namespace: string | undefined;
  /** Closes the connections when the process stops; belongs to the role that opened the access. */
  readonly parts: readonly { readonly name: string; start(): void; stop(): Promise<void> }[];
}

/** Opens the connection pool of this process. @throws when there is no usable kubeconfig */
export function openKube(options: ConnectionOptions, registry: Registry): KubeAccess {
  const connection = connect(options);
  const metrics = createKubeMetrics(registry);
  return {
    rest: createRestClient(connection, { onRequest: metrics.observeRequest }),
    metrics,
    namespace: connection.namespace,
    parts: [{ name: 'kube', start: () => undefined, stop: () => connection.close() }],
  };
}
