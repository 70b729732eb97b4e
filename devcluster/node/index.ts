import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { DebianRoot } from '../binaries/debian.ts';
import { KUBERNETES_SERVICE_IP } from '../kube-apiserver.ts';
import type { Kubectl } from '../kubectl.ts';
import type { Log } from '../log.ts';
import type { Pki } from '../pki.ts';
import type { Supervisor } from '../supervisor.ts';
import { forwardPort } from './port-forward.ts';
import { createCgroups } from './cgroups.ts';
import { cleanUpNode } from './cleanup.ts';
import type { NodeAddresses } from './addresses.ts';
import { attempt, createRun, type Run } from './command.ts';
import { startContainerd } from './containerd.ts';
import { allowEgress, findIptables } from './egress.ts';
import { ARGOEXEC_IMAGE, standardImages } from './image-list.ts';
import { writeImage, type Image, type ImageSpec } from './images.ts';
import { startKubelet } from './kubelet.ts';
import { MACHINE_PROCESS, startMachine, type Machine } from './machine.ts';
import { NODE_NAME, nodeNames, type NodeNames } from './names.ts';
import { connectNetwork, routeService } from './network.ts';
import { waitUntilReady } from './ready.ts';
import { startRegistry } from './registry.ts';

export { ARGOEXEC_IMAGE } from './image-list.ts';
export { canRunRealNode } from './requirements.ts';

/** For `unpackDebianPackages`: what a node is made of besides the kubelet. */
export const NODE_PACKAGES = [
  'bash-static',
  'busybox-static',
  'containerd',
  'containernetworking-plugins',
  'iproute2',
  'iptables',
  'runc',
] as const;

/** Options of a node. The control plane must run; the loopback interface is enough for it. */
export interface NodeOptions {
  supervisor: Supervisor;
  pki: Pki;
  /** The packages of `NODE_PACKAGES`. */
  debian: DebianRoot;
  /** Paths. `kubectl` and `argoexec` go into images, so they must be static (CGO_ENABLED=0). */
  binaries: { kubelet: string; kubectl: string; argoexec?: string };
  /** kube-apiserver's port on 127.0.0.1. */
  apiserverPort: number;
  /** Of an admin: what an earlier node left in the API, such as being cordoned, is deleted before the new one registers. */
  kubectl: Kubectl;
  /** Writes more images for the node to pull; `dir` is a folder for what they are made of. */
  images?: MakeImages | undefined;
  log: Log;
}

/** Makes images into a folder of its own. */
export type MakeImages = (dir: string, run: Run) => Promise<ImageSpec[]>;

/** A running node. */
export interface DevNode {
  name: string;
  /** Address of the node; what listens on it or on a pod's address can be reached from the host. */
  address: string;
  /** Address of the host on which pods reach what listens on all its addresses. */
  hostAddress: string;
  /** For `workflow-controller --executor-image`. */
  argoexecImage: string;
  /** Ends the node and removes every trace of it from the host; the supervisor's `stopAll` does the same. */
  stop(): Promise<void>;
}

/**
 * Starts a real Kubernetes node next to a control plane: its own processes, mounts and network under this kernel, with
 * containerd, runc and the kubelet. Pods reach the API at the `kubernetes` Service. Needs root on Linux, see
 * `canRunRealNode`. Resolves when the node is Ready.
 */
export async function startNode(options: NodeOptions): Promise<DevNode> {
  const { supervisor, pki, debian, binaries, log } = options;
  const names = nodeNames(supervisor.dataDir);
  const env = { ...process.env, ...debian.env };
  const run = createRun(env);
  await cleanUpNode(names, debian, log);
  supervisor.onStop('node', () => cleanUpNode(names, debian, log));
  await options.kubectl(['delete', 'node', NODE_NAME, '--ignore-not-found', '--timeout=30s']);

  createCgroups(names.cgroup);
  const imageDir = join(names.dir, 'images');
  const images = writeImages(imageDir, options, run);
  // They are written meanwhile, and a clean-up must not race with that.
  supervisor.onStop('images', () => images.then(ignore, ignore));
  const machine = await startMachine(supervisor, names, [debian.root, dirname(binaries.kubelet)]);
  const addresses = await connectNetwork(run, names, machine);
  const forward = await forwardPort(addresses.host, options.apiserverPort);
  supervisor.onStop('api-port-forward', () => forward.close());
  await openToNetwork(run, names, { machine, addresses, apiPort: forward.port, log });

  const registry = await startRegistry(addresses.host, imageDir, await images);
  supervisor.onStop('registry', () => registry.close());
  const containerd = await startContainerd({
    ...{ supervisor, machine, names, addresses, debian, run },
    mirrorUrl: registry.url,
    snapshotter: (await canOverlay(run, names.dir)) ? 'overlayfs' : 'native',
  });
  const pulled = Promise.all((await images).map(({ name }) => attempt(containerd.pull(name))));
  const client = await startKubelet({
    ...{ supervisor, machine, names, addresses, pki, containerd, env },
    command: binaries.kubelet,
  });
  await waitUntilReady(`https://127.0.0.1:${options.apiserverPort}`, { ...client, caFile: pki.cluster.certFile });
  await pulled;

  return {
    name: NODE_NAME,
    address: addresses.node,
    hostAddress: addresses.host,
    argoexecImage: ARGOEXEC_IMAGE,
    async stop() {
      for (const process of ['kubelet', 'containerd', MACHINE_PROCESS]) await supervisor.stop(process);
      await Promise.all([registry.close(), forward.close()]);
      await cleanUpNode(names, debian, log);
    },
  };
}

function ignore(): void {
  // The error is thrown where the images are needed.
}

async function writeImages(dir: string, { debian, binaries, images: more }: NodeOptions, run: Run): Promise<Image[]> {
  const specs = await standardImages(debian, binaries, run);
  if (more !== undefined) specs.push(...(await more(join(dir, 'more'), run)));
  const images: Image[] = [];
  for (const spec of specs) images.push(await writeImage(dir, spec, run));
  return images;
}

/** Leads pods to the API server, and to the Internet where the kernel and the host's tools allow it. */
async function openToNetwork(
  run: Run,
  names: NodeNames,
  { machine, addresses, apiPort, log }: { machine: Machine; addresses: NodeAddresses; apiPort: number; log: Log },
): Promise<void> {
  const iptables = await findIptables(run);
  if (iptables === undefined) throw new Error('this kernel has no packet filter that iptables works with');
  const target = `${addresses.host}:${apiPort}`;
  await routeService(run, machine, { iptables, service: KUBERNETES_SERVICE_IP, target });
  if (!(await attempt(allowEgress(run, iptables, names, addresses)))) {
    log('Pods cannot reach the network outside of this machine: the packet filter refused the rules for it');
  }
}

/** Tried in a mount namespace that ends with the attempt. An overlay cannot lie on another one, as in most containers. */
function canOverlay(run: Run, dir: string): Promise<boolean> {
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(dir, 'overlay', name));
  for (const folder of [lower, upper, work, merged]) mkdirSync(folder ?? '', { recursive: true });
  const layers = `lowerdir=${lower ?? ''},upperdir=${upper ?? ''},workdir=${work ?? ''}`;
  const mount = ['mount', '-t', 'overlay', '-o', layers, 'overlay', merged ?? ''];
  return attempt(run('unshare', ['--mount', '--propagation', 'private', ...mount]));
}
