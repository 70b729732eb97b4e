import { connect } from '../kube/connection.ts';
import { createKubeMetrics, type KubeMetrics } from '../kube/metrics.ts';
import { createRestClient, type RestClient } from '../kube/rest.ts';
import type { Part } from '../process/parts.ts';
import type { Surroundings } from '../process/role.ts';
import type { WorkerConfig } from './config.ts';

/** How a role talks to the API server; roles in one process share one. */
export interface KubeAccess {
  readonly rest: RestClient;
  readonly metrics: KubeMetrics;
  /** The namespace of the kubeconfig's context or of the pod. */
  readonly namespace?: string | undefined;
  /** The parts of the access itself, which belong to the role that opened it. */
  readonly parts: readonly Part[];
}

/** Opens the connection pool of this process. @throws when there is no usable kubeconfig */
export function openKube({ kubeconfig, context, concurrency }: WorkerConfig, { registry }: Surroundings): KubeAccess {
  // Most runs are of alerts and remediations; the rest is for leases, events and counters.
  const connection = connect({ kubeconfig, context, userAgent: 'aegis-worker', connections: 2 * concurrency + 4 });
  const metrics = createKubeMetrics(registry);
  return {
    rest: createRestClient(connection, { onRequest: metrics.observeRequest }),
    metrics,
    namespace: connection.namespace,
    parts: [{ name: 'kube', start: () => undefined, stop: () => connection.close() }],
  };
}
