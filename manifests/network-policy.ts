import { namespaced, type Manifest } from './manifest.ts';
import { nameOf, podsOf, type PodRole } from './pods.ts';

/** Pods of the release namespace, and of namespaces that are admitted by a label. */
const near = [{ podSelector: {} }, { namespaceSelector: { matchLabels: { 'aegis.io/sends-alerts': 'true' } } }];

/**
 * Who may connect to the apiserver role. kube-apiserver is no pod, so that the ports that it calls must be open to all:
 * the aggregated API asks whoever connects for the front proxy's certificate, and the webhooks tell nothing and change
 * nothing. Alerts come from where monitoring runs.
 */
export const apiserverNetworkPolicy = networkPolicy('apiserver', [
  { ports: [{ port: 'api' }, { port: 'webhooks' }] },
  { from: near, ports: [{ port: 'ingest' }, { port: 'metrics' }] },
]);

/** Nobody but monitoring has a reason to connect to the worker. */
export const workerNetworkPolicy = networkPolicy('worker', [{ from: near, ports: [{ port: 'metrics' }] }]);

function networkPolicy(role: PodRole, ingress: readonly object[]): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: namespaced(nameOf(role)),
    spec: { podSelector: { matchLabels: podsOf(role) }, policyTypes: ['Ingress'], ingress },
  };
}
