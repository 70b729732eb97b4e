import manifest from '../package.json' with { type: 'json' };
import { clusterWide, namespaced, partOf, type Manifest } from './manifest.ts';
import { apiserverPods } from './service.ts';

const name = 'aegis-apiserver';

/** The ports of a pod of the apiserver role, as its flags have them by default; Services and probes call them by name. */
export const apiserverPorts = { api: 8443, webhooks: 9443, ingest: 8080, metrics: 9090 } as const;

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

/** The apiserver role. One replica is always there: while an API is registered and away, no namespace can be deleted. */
export const apiserverDeployment: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: namespaced(name),
  spec: {
    replicas: 2,
    selector: { matchLabels: apiserverPods },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels: { ...partOf, ...apiserverPods } },
      spec: {
        serviceAccountName: name,
        priorityClassName: priorityClass.metadata.name,
        terminationGracePeriodSeconds: ending.killed,
        // One node that fails takes one replica at most, where there are two nodes.
        affinity: {
          podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [apartBy('kubernetes.io/hostname')] },
        },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: apiserverPods },
          },
        ],
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_534,
          runAsGroup: 65_534,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [apiserverContainer()],
      },
    },
  },
};

function apartBy(topologyKey: string): object {
  return { weight: 100, podAffinityTerm: { topologyKey, labelSelector: { matchLabels: apiserverPods } } };
}

function apiserverContainer(): object {
  return {
    name: 'apiserver',
    image: `aegis:${manifest.version}`,
    args: ['apiserver', `--drain-delay=${ending.drain}s`, `--shutdown-grace=${ending.grace}s`],
    env: [{ name: 'AEGIS_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
    ports: Object.entries(apiserverPorts).map(([port, containerPort]) => ({
      name: port,
      containerPort,
      protocol: 'TCP',
    })),
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
