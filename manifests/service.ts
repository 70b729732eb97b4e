import { namespaced, type Manifest } from './manifest.ts';

const name = 'aegis-apiserver';

/** The pods of the apiserver role. */
export const apiserverPods = { 'app.kubernetes.io/name': 'aegis', 'app.kubernetes.io/component': 'apiserver' };

/** Where the apiserver role is reached; ports of the pods are called by the same names. */
export const apiserverService: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: namespaced(name),
  spec: {
    type: 'ClusterIP',
    selector: apiserverPods,
    ports: [
      { name: 'api', port: 443, targetPort: 'api', protocol: 'TCP' },
      { name: 'webhooks', port: 9443, targetPort: 'webhooks', protocol: 'TCP' },
      { name: 'ingest', port: 80, targetPort: 'ingest', protocol: 'TCP' },
    ],
  },
};

/** An API that is registered and not there blocks the deletion of every namespace, so one of two always stays. */
export const apiserverDisruptionBudget: Manifest = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: namespaced(name),
  spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: apiserverPods } },
};
