import manifest from '../package.json' with { type: 'json' };
import { clusterWide, namespaced, type Manifest } from './manifest.ts';
import { nameOf, podLabelsOf, podPorts, podsOf, type PodRole } from './pods.ts';

/** The image of all roles, as Deployments name it. */
export const image = `aegis:${manifest.version}`;

/**
 * Seconds. Services need some time to stop routing to a pod; then requests in progress are completed. Kubernetes kills
 * the container only after both.
 */
const ending = { drain: 5, grace: 30, killed: 40 } as const;

/** Without Aegis no alert is handled, so that it must not be preempted first. */
export const priorityClass: Manifest = {
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: clusterWide('aegis'),
  value: 1_000_000,
  description: 'Keeps Aegis running when nodes are under resource pressure.',
};

/** At least one replica is always available: while a registered API is unavailable, no namespace can be deleted. */
export const apiserverDeployment = deployment('apiserver', { flags: [`--drain-delay=${ending.drain}s`], env: [] });

/** The URL of Redis may contain a password. */
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
          // A node failure takes at most one replica, where there are two nodes.
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
    // A slow start is not a hang: the liveness probe begins after it.
    startupProbe: { ...probe('/livez'), periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...probe('/livez'), periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 2, failureThreshold: 2 },
    // For 10,000 alerts; 50,000 take about 300 MiB.
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
