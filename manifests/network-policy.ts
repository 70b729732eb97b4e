import { namespaced, type Manifest } from './manifest.ts';
import { apiserverPods } from './service.ts';

/** Namespaces whose pods may send alerts and read metrics, beside the release namespace. */
const admitted = { 'aegis.io/sends-alerts': 'true' } as const;

/**
 * Who may connect to the apiserver role. kube-apiserver is no pod, so that the ports that it calls must be open to all:
 * the aggregated API asks whoever connects for the front proxy's certificate, and the webhooks tell nothing and change
 * nothing. Alerts come from where monitoring runs.
 */
export const apiserverNetworkPolicy: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: namespaced('aegis-apiserver'),
  spec: {
    podSelector: { matchLabels: apiserverPods },
    policyTypes: ['Ingress'],
    ingress: [
      { ports: [{ port: 'api' }, { port: 'webhooks' }] },
      {
        from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: admitted } }],
        ports: [{ port: 'ingest' }, { port: 'metrics' }],
      },
    ],
  },
};
