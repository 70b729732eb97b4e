import { namespaced, type Manifest } from './manifest.ts';
import { nameOf, podsOf, type PodRole } from './pods.ts';

/** Pods of the release namespace, and of namespaces with the label. */
const near = [{ podSelector: {} }, { namespaceSelector: { matchLabels: { 'aegis.io/sends-alerts': 'true' } } }];

/**
 * Ingress of the apiserver role. kube-apiserver is not a pod, so that the ports that it calls must be open to all clients:
 * the aggregated API requires the certificate of the front proxy, and the webhooks disclose and change nothing. Alerts come
 * from the namespaces of monitoring.
 */
export const apiserverNetworkPolicy = networkPolicy('apiserver', [
  { ports: [{ port: 'api' }, { port: 'webhooks' }] },
  { from: near, ports: [{ port: 'ingest' }, { port: 'metrics' }] },
]);

/** Only monitoring connects to the worker. */
export const workerNetworkPolicy = networkPolicy('worker', [{ from: near, ports: [{ port: 'metrics' }] }]);

function networkPolicy(role: PodRole, ingress: readonly object[]): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: namespaced(nameOf(role)),
    spec: { podSelector: { matchLabels: podsOf(role) }, policyTypes: ['Ingress'], ingress },
  };
}
