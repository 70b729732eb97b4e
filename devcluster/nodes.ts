import { setTimeout as sleep } from 'node:timers/promises';

import type { Binaries } from './binaries/ensure.ts';
import type { DebianRoot } from './binaries/debian.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Log } from './log.ts';
import { startNode, type DevNode, type MakeImages } from './node/index.ts';
import type { Pki } from './pki.ts';
import { startSimulatedNode } from './simulated-node.ts';
import type { Supervisor } from './supervisor.ts';

const ABORT_GRACE_MS = 3_000;

/** The program that runs the pods: a real kubelet (root, Linux), a simulator, or none. */
export type Nodes = 'real' | 'simulated' | 'none';

/** The part of the cluster that its nodes use. */
export interface NodesContext {
  supervisor: Supervisor;
  pki: Pki;
  plane: ControlPlane;
  binaries: Partial<Binaries>;
  /** Of the packages of a real node; undefined for the others. */
  debian: DebianRoot | undefined;
  images: MakeImages | undefined;
  log: Log;
}

/** Starts the cluster's node; undefined when it is a simulated one or none. */
export async function startNodes(nodes: Nodes, context: NodesContext): Promise<DevNode | undefined> {
  const { supervisor, plane, binaries, debian } = context;
  if (nodes === 'simulated' && binaries.kwok !== undefined) {
    const kubeconfig = await plane.kubeconfigFor('kwok', { commonName: 'kwok', groups: ['system:masters'] });
    await startSimulatedNode(supervisor, plane.kubectl, { command: binaries.kwok, kubeconfig });
  }
  if (nodes !== 'real' || debian === undefined || binaries.kubelet === undefined) return undefined;
  const starting = startNode({
    supervisor,
    pki: context.pki,
    debian,
    binaries: {
      kubelet: binaries.kubelet,
      kubectl: binaries.kubectl ?? 'kubectl',
      ...(binaries.argoexec !== undefined && { argoexec: binaries.argoexec }),
    },
    images: context.images,
    apiserverPort: plane.port,
    kubectl: plane.kubectl,
    log: context.log,
  });
  return Promise.race([starting, rejectSoonAfter(supervisor.signal)]);
}

/** A node that is being started notices the end by itself, unless it waits for the API server, which is gone. */
async function rejectSoonAfter(signal: AbortSignal): Promise<never> {
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
  await sleep(ABORT_GRACE_MS, undefined, { ref: false });
  throw new Error('the start of the node was interrupted');
}
