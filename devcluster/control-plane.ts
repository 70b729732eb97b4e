import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import type { Binaries } from './binaries/ensure.ts';
import { startControllerManager, startScheduler } from './control-loops.ts';
import { startEtcd } from './etcd.ts';
import { startKubeApiserver } from './kube-apiserver.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import type { Pki, Subject } from './pki.ts';
import { openPorts } from './ports.ts';
import type { Supervisor } from './supervisor.ts';

const PORTS = ['etcd', 'etcdPeer', 'etcdMetrics', 'kubeApiserver', 'controllerManager', 'scheduler'] as const;

/** Names a file that gets one line for each control plane that is started, so that a run of tests can count them. */
export const STARTS_VARIABLE = 'AEGIS_CONTROL_PLANE_STARTS';

export interface ControlPlaneOptions {
  binaries: Binaries<'etcd' | 'kube-apiserver' | 'kubectl' | 'kube-controller-manager'> &
    Partial<Binaries<'kube-scheduler'>>;
  /** Whether pods of a real node will call the API. */
  reachableFromPods: boolean;
  /** Whether the API is extended by pods; see `KubeApiserverOptions`. */
  extensionsInPods: boolean;
  unsafeNoFsync: boolean;
  /** File of kube-apiserver's audit log; undefined: none is kept. */
  auditLog: string | undefined;
  /** Namespace of kubectl commands that name none. */
  defaultNamespace: string;
}

/** A cluster without nodes. */
export interface ControlPlane {
  server: string;
  port: number;
  kubeconfigPath: string;
  kubectl: Kubectl;
  etcdMetricsUrl: string;
  /** Writes a kubeconfig for any user: `<dataDir>/<name>.kubeconfig`. Answers its path. */
  kubeconfigFor: (name: string, subject: Subject) => Promise<string>;
}

/** Starts etcd, kube-apiserver, kube-controller-manager and, if its program is given, kube-scheduler. */
export async function startControlPlane(
  supervisor: Supervisor,
  pki: Pki,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { binaries, defaultNamespace } = options;
  const { dataDir } = supervisor;
  noteStart(dataDir, process.env[STARTS_VARIABLE]);
  const ports = await openPorts(join(dataDir, 'ports.json'), PORTS);
  const server = `https://127.0.0.1:${ports.kubeApiserver}`;

  const kubeconfigFor = async (name: string, subject: Subject): Promise<string> => {
    const path = join(dataDir, `${name}.kubeconfig`);
    const client = await pki.cluster.issue(`client-${name}`, subject);
    writeKubeconfig(path, { server, caFile: pki.cluster.certFile, client, user: name, namespace: defaultNamespace });
    return path;
  };
  const kubeconfigPath = await kubeconfigFor('admin', { commonName: 'aegis-dev-admin', groups: ['system:masters'] });
  const kubectl = createKubectl({
    command: binaries.kubectl,
    kubeconfig: kubeconfigPath,
    cacheDir: join(dataDir, 'kubectl-cache'),
  });

  const etcd = await startEtcd(supervisor, pki, {
    command: binaries.etcd,
    clientPort: ports.etcd,
    peerPort: ports.etcdPeer,
    metricsPort: ports.etcdMetrics,
    unsafeNoFsync: options.unsafeNoFsync,
  });
  await startKubeApiserver(supervisor, pki, {
    command: binaries['kube-apiserver'],
    port: ports.kubeApiserver,
    etcd,
    reachableFromPods: options.reachableFromPods,
    extensionsInPods: options.extensionsInPods,
    auditLog: options.auditLog,
  });
  const loops = [
    startControllerManager(supervisor, pki, {
      command: binaries['kube-controller-manager'],
      kubeconfig: await kubeconfigFor('controller-manager', { commonName: 'system:kube-controller-manager' }),
      port: ports.controllerManager,
    }),
  ];
  if (binaries['kube-scheduler'] !== undefined) {
    const kubeconfig = await kubeconfigFor('scheduler', { commonName: 'system:kube-scheduler' });
    loops.push(startScheduler(supervisor, { command: binaries['kube-scheduler'], kubeconfig, port: ports.scheduler }));
  }
  await Promise.all(loops);
  return { server, port: ports.kubeApiserver, kubeconfigPath, kubectl, etcdMetricsUrl: etcd.metricsUrl, kubeconfigFor };
}

function noteStart(dataDir: string, file: string | undefined): void {
  if (file !== undefined) appendFileSync(file, `${new Date().toISOString()} ${dataDir}\n`);
}
