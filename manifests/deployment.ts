import manifest from '../package.json' with { type: 'json' };
import { clusterWide, namespaced, type Manifest } from './manifest.ts';
import { nameOf, podLabelsOf, podPorts, podsOf, type PodRole } from './pods.ts';

/** The image of all roles, as Deployments name it. */
export const image = `aegis:${manifest.version}`;

/**
 * Seconds. Services take some to lead nobody to a pod any more; then what is under way is finished. Kubernetes kills
 * only after all of that.
 */
const ending = { drain: 5, grace: 30, killed: 40 } as const;

/** Without alerts nobody is told of anything: what makes room for others is not this. */
export const priorityClass: Manifest = {
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: clusterWide('aegis'),
  value: 1_000_000,
  description: 'Aegis: takes alerts and acts on them, which is needed most when the cluster is short of room.',
};

/** One replica is always there: while an API is registered and away, no namespace can be deleted. */
export const apiserverDeployment = deployment('apiserver', { flags: [`--drain-delay=${ending.drain}s`], env: [] });

/** The URL of Redis may hold a password. */
export const workerDeployment = deployment('worker', {
  flags: [],
  env: [{ name: 'AEGIS_REDIS_URL', valueFrom: { secretKeyRef: { name: 'aegis-redis', key: 'url' } } }],
});

interface Settings {
  readonly flags: readonly string[];
  readonly env: readonly object[];
}

function deployment(role: PodRole, settings: Settings): Manifest {
  const labelSelector = { matchLabels: podsOf(role) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: namespaced(nameOf(role)),
    spec: {
      replicas: 2,
      selector: labelSelector,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: podLabelsOf(role) },
        spec: {
          serviceAccountName: nameOf(role),
          priorityClassName: priorityClass.metadata.name,
          terminationGracePeriodSeconds: ending.killed,
          // One node that fails takes one replica at most, where there are two nodes.
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector } },
              ],
            },
          },
          topologySpreadConstraints: [
            {
              ...{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
              labelSelector,
            },
          ],
          securityContext: {
            ...{ runAsNonRoot: true, runAsUser: 65_534, runAsGroup: 65_534 },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container(role, settings)],
        },
      },
    },
  };
}

function container(role: PodRole, { flags, env }: Settings): object {
  const ports = Object.entries(podPorts[role]).map(([name, containerPort]) => ({
    name,
    containerPort,
    protocol: 'TCP',
  }));
  return {
    name: role,
    image,
    args: [role, `--shutdown-grace=${ending.grace}s`, ...flags],
    env: [{ name: 'AEGIS_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }, ...env],
    ports,
    // A slow start is not a hang: until it is over, nobody asks whether the pod is alive.
    startupProbe: { ...probe('/livez'), periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...probe('/livez'), periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 2, failureThreshold: 2 },
    // Of 10,000 alerts; 50,000 take some 300 MiB.
    resources: { requests: { cpu: '100m', memory: '200Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function probe(path: string): object {
  return { httpGet: { path, port: 'metrics' }, timeoutSeconds: 2 };
}
