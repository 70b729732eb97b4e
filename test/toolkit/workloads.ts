/** Pods for the toolkit to act on; they end at once when they are asked to. */
const spec = {
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: 'main',
      image: 'busybox',
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', 'echo hello; sleep 9999'],
    },
  ],
};

export function staticPod(name: string): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
}

export function workload(kind: 'Deployment' | 'DaemonSet', name: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

export function budget(name: string, minAvailable: number): object {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: { minAvailable, selector: { matchLabels: { app: name } } },
  };
}
