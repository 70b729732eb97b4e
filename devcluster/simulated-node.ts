import { fileURLToPath } from 'node:url';

import type { Kubectl } from './kubectl.ts';
import type { Supervisor } from './supervisor.ts';

const NODE = fileURLToPath(new URL('./manifests/simulated-node.yaml', import.meta.url));
const STAGES = fileURLToPath(new URL('./manifests/simulated-pods.yaml', import.meta.url));

/** Name of the node, the same as the real one's. */
export const SIMULATED_NODE_NAME = 'dev1';

/**
 * Starts kwok, which pretends that there is a node `dev1`: pods become Running and those of workflows Succeeded, but
 * nothing of what is in them runs. Resolves when the node is Ready.
 */
export async function startSimulatedNode(
  supervisor: Supervisor,
  kubectl: Kubectl,
  { command, kubeconfig }: { command: string; kubeconfig: string },
): Promise<void> {
  // A real node of an earlier start on the same data would keep its name, its addresses and its being cordoned.
  await kubectl(['delete', 'node', SIMULATED_NODE_NAME, '--ignore-not-found', '--timeout=30s']);
  await supervisor.start({
    name: 'kwok',
    command,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${STAGES}`,
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    ],
    stopGraceMs: 1_000,
  });
  await kubectl(['create', '-f', NODE]);
  await kubectl(['wait', '--for=condition=Ready', '--timeout=60s', `node/${SIMULATED_NODE_NAME}`]);
}
