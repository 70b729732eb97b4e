import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { KUBERNETES_SERVICE_IP } from '../kube-apiserver.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import type { CertificateFiles, Pki } from '../pki.ts';
import { answersOk } from '../probe.ts';
import type { Supervisor } from '../supervisor.ts';
import type { NodeAddresses } from './addresses.ts';
import type { Containerd } from './containerd.ts';
import type { Machine } from './machine.ts';
import { NODE_NAME, type NodeNames } from './names.ts';

const HEALTH_PORT = 10_248;

/** Where the kubelet runs, and with what. */
export interface KubeletOptions {
  supervisor: Supervisor;
  machine: Machine;
  names: NodeNames;
  addresses: NodeAddresses;
  pki: Pki;
  containerd: Containerd;
  command: string;
  env: NodeJS.ProcessEnv;
}

/**
 * Starts the kubelet, which registers the node under its own identity, and answers that identity. It listens in the
 * node's network only.
 */
export async function startKubelet(options: KubeletOptions): Promise<CertificateFiles> {
  const { supervisor, machine, names, addresses, pki } = options;
  const dir = join(names.dir, 'kubelet');
  mkdirSync(dir, { recursive: true });
  const client = await pki.cluster.issue('kubelet', {
    commonName: `system:node:${NODE_NAME}`,
    groups: ['system:nodes'],
  });
  const kubeconfig = join(dir, 'kubeconfig');
  writeKubeconfig(kubeconfig, {
    server: `https://${KUBERNETES_SERVICE_IP}:443`,
    caFile: pki.cluster.certFile,
    client,
    user: 'kubelet',
  });
  mkdirSync(staticPodDir(dir), { recursive: true });
  const config = join(dir, 'config.yaml');
  writeFileSync(config, stringify(kubeletConfig(dir, options)));
  const args = [
    `--config=${config}`,
    `--kubeconfig=${kubeconfig}`,
    `--root-dir=${join(dir, 'root')}`,
    `--cert-dir=${join(dir, 'pki')}`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${addresses.node}`,
  ];
  await supervisor.start({
    name: 'kubelet',
    ...machine.inside(options.command, args),
    env: options.env,
    ready: () => answersOk(`http://${addresses.node}:${HEALTH_PORT}/healthz`),
    stopGraceMs: 3_000,
  });
  return client;
}

function kubeletConfig(dir: string, { names, addresses, pki, containerd }: KubeletOptions): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses.node,
    healthzBindAddress: addresses.node,
    healthzPort: HEALTH_PORT,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki.cluster.certFile },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${containerd.socket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${names.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    resolvConf: writeResolvConf(dir),
    staticPodPath: staticPodDir(dir),
    volumePluginDir: join(dir, 'volume-plugins'),
    // A developer's disk is often nearly full, and a node that evicts pods for it would be useless.
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
    },
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '24h',
    nodeStatusUpdateFrequency: '4s',
  };
}

/** Whose manifests run without the API server, as those of a control plane do. */
function staticPodDir(dir: string): string {
  return join(dir, 'static-pods');
}

/** A copy, because the file may be a link to where the node has a folder of its own; pods cannot ask a loopback resolver. */
function writeResolvConf(dir: string): string {
  const path = join(dir, 'resolv.conf');
  const lines = existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8').split('\n') : [];
  writeFileSync(
    path,
    `${lines
      .filter((line) => !/^\s*nameserver\s+(127\.|::1)/.test(line))
      .join('\n')
      .trim()}\n`,
  );
  return path;
}
