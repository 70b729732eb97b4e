import { fileURLToPath } from 'node:url';

import type { ArgoManifests } from './binaries/ensure.ts';
import { untilEstablished } from './established.ts';
import type { Kubectl } from './kubectl.ts';
import type { Supervisor } from './supervisor.ts';

/** User name that Argo's controller has: the one it would have as a pod. */
export const ARGO_USER = {
  commonName: 'system:serviceaccount:argo:argo',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:argo'],
} as const;

const MANIFEST = fileURLToPath(new URL('./manifests/argo.yaml', import.meta.url));

/** How to run Argo's workflow-controller. */
export interface ArgoOptions {
  command: string;
  /** For the user above. */
  kubeconfig: string;
  /** The image with argoexec that is put beside the containers of a workflow's pods. */
  executorImage: string;
}

/** Installs Argo's CRDs, namespace and roles. */
export async function installArgo(kubectl: Kubectl, { crds, rbacDir }: ArgoManifests): Promise<void> {
  const apply = ['apply', '--server-side', '--force-conflicts', '--validate=false'];
  await kubectl([...apply, ...[MANIFEST, ...crds].flatMap((file) => ['-f', file])]);
  await kubectl([...apply, '--namespace=argo', '-f', rbacDir]);
  await untilEstablished(kubectl, ['workflows.argoproj.io']);
}

/** Starts Argo's workflow-controller for all namespaces; it is ready when it holds its lease. */
export async function startArgo(supervisor: Supervisor, kubectl: Kubectl, options: ArgoOptions): Promise<void> {
  await supervisor.start({
    name: 'workflow-controller',
    command: options.command,
    args: [
      `--kubeconfig=${options.kubeconfig}`,
      '--namespace=argo',
      `--executor-image=${options.executorImage}`,
      '--executor-image-pull-policy=IfNotPresent',
      // The executors get the same level, and their lines would mix with those of the workflow's own containers.
      '--loglevel=warn',
      '--qps=200',
      '--burst=400',
    ],
    env: {
      ...process.env,
      // Always the same, so that a restarted controller takes its own lease over without waiting for its end.
      LEADER_ELECTION_IDENTITY: 'devcluster',
      // The default is ten seconds, twice as long as a small Workflow takes.
      DEFAULT_REQUEUE_TIME: '500ms',
    },
    ready: async () => {
      const lease = ['get', 'lease', 'workflow-controller', '--namespace=argo'];
      return (await kubectl([...lease, '--output=jsonpath={.spec.holderIdentity}'])) === 'devcluster';
    },
    stopGraceMs: 1_000,
  });
}
