import { namespaced, type Manifest } from './manifest.ts';
import { nameOf, podsOf, type PodRole } from './pods.ts';

/** Service of the apiserver role; ports of the pods have the same names. */
export const apiserverService: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: namespaced(nameOf('apiserver')),
  spec: {
    type: 'ClusterIP',
    selector: podsOf('apiserver'),
    ports: [
      { name: 'api', port: 443, targetPort: 'api', protocol: 'TCP' },
      { name: 'webhooks', port: 9443, targetPort: 'webhooks', protocol: 'TCP' },
      { name: 'ingest', port: 80, targetPort: 'ingest', protocol: 'TCP' },
    ],
  },
};

/**
 * One of two replicas always stays: a registered API that is unavailable blocks the deletion of every namespace, and a
 * standby worker needs 15 seconds to take over.
 */
export const disruptionBudgets: readonly Manifest[] = (['apiserver', 'worker'] as const).map(disruptionBudget);

function disruptionBudget(role: PodRole): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: namespaced(nameOf(role)),
    spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: podsOf(role) } },
  };
}
