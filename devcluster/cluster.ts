import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { ARGO_USER, installArgo, startArgo } from './argo.ts';
import { ensureArgoManifests, ensureBinaries } from './binaries/ensure.ts';
import { ensureRedisServer } from './binaries/redis-server.ts';
import type { UnpackedProgram } from './binaries/redis-server.ts';
import type { BinaryName } from './binaries/tools.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { silent } from './log.ts';
import type { Log } from './log.ts';
import { openPki } from './pki.ts';
import type { Pki } from './pki.ts';
import { openPorts } from './ports.ts';
import { startRedis } from './redis.ts';
import { createSupervisor } from './supervisor.ts';
import type { Supervisor } from './supervisor.ts';

/** What runs the pods: a real kubelet (root, Linux), a program that pretends to, or nothing. */
export type Nodes = 'real' | 'simulated' | 'none';

/** What to start. */
export interface ClusterOptions {
  nodes: Nodes;
  /** Whether to install Argo Workflows and run its controller. */
  argo: boolean;
  /** Whether to run a Redis, and whether it asks for a password. */
  redis: boolean | { password: boolean };
  /** Where everything is kept. Default: a temporary folder that is deleted by `stop`. */
  dataDir?: string;
  /** Namespace of kubectl commands that name none. Default `default`; it is not created. */
  defaultNamespace?: string;
  /** Lets etcd skip fsync. Faster, but a crash of the machine loses data: for tests only. Default false. */
  unsafeNoFsync?: boolean;
  /** Is told, line by line, what takes long. Default: nobody. */
  log?: Log;
}

/** A running cluster. */
export interface Cluster extends Pick<
  ControlPlane,
  'server' | 'port' | 'kubeconfigPath' | 'kubectl' | 'kubeconfigFor'
> {
  readonly dataDir: string;
  readonly kubectlPath: string;
  /** Undefined without Redis. */
  readonly redisUrl: string | undefined;
  /** Prometheus endpoints that need no credentials. */
  readonly metricsUrls: readonly string[];
  readonly pki: Pki;
  /** For more processes that live and die with the cluster. */
  readonly supervisor: Supervisor;
  /** Pids of all processes by name. */
  pids(): Record<string, number>;
  /** Sends a signal to a process by name; a process that dies of it is started again after a second or more. */
  kill(name: string, signal: NodeJS.Signals): void;
  /** Ends a process, starts it at once and waits until it is ready. */
  restart(name: string): Promise<void>;
  /** The last lines of a process's log. */
  logs(name: string, lines?: number): Promise<string>;
  /** Ends everything; nothing is left but a `dataDir` that was asked for. Safe to call twice. */
  stop(): Promise<void>;
}

/** Programs that a cluster needs, in every case and for what is asked for. */
export function requiredBinaries({ nodes, argo }: Pick<ClusterOptions, 'nodes' | 'argo'>): BinaryName[] {
  const names: BinaryName[] = ['etcd', 'kube-apiserver', 'kubectl', 'kube-controller-manager'];
  if (nodes !== 'none') names.push('kube-scheduler');
  if (nodes === 'simulated') names.push('kwok');
  if (nodes === 'real') names.push('kubelet');
  if (argo) names.push('workflow-controller');
  if (argo && nodes === 'real') names.push('argoexec');
  return names;
}

/**
 * Starts a cluster on this machine on free ports, three to five seconds for one without nodes. Programs that are not
 * there yet are built first, which takes minutes once. If anything fails, all that was started is ended again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const log = options.log ?? silent;
  const binaries = await ensureBinaries(requiredBinaries(options), process.env, log);
  const manifests = options.argo ? await ensureArgoManifests(process.env, log) : undefined;
  const redisServer = options.redis === false ? undefined : await ensureRedisServer(process.env, log);

  const temporary = options.dataDir === undefined;
  const dataDir = resolve(options.dataDir ?? mkdtempSync(join(tmpdir(), 'aegis-devcluster-')));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const supervisor = await createSupervisor(dataDir, log);
  const stop = async (): Promise<void> => {
    await supervisor.stopAll();
    if (temporary) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const pki = await openPki(join(dataDir, 'pki'));
    const [plane, redisUrl] = await Promise.all([
      startControlPlane(supervisor, pki, {
        binaries,
        reachableFromPods: options.nodes === 'real',
        unsafeNoFsync: options.unsafeNoFsync ?? false,
        defaultNamespace: options.defaultNamespace ?? 'default',
      }),
      redisServer && startRedisServer(supervisor, redisServer, options),
    ]);
    const { etcdMetricsUrl, ...rest } = plane;
    const cluster: Cluster = {
      ...rest,
      dataDir,
      kubectlPath: binaries.kubectl,
      redisUrl,
      metricsUrls: [etcdMetricsUrl],
      pki,
      supervisor,
      pids: () => supervisor.pids(),
      kill: (name, signal) => {
        supervisor.kill(name, signal);
      },
      restart: (name) => supervisor.restart(name),
      logs: (name, lines) => supervisor.logs(name, lines),
      stop,
    };
    if (manifests !== undefined) {
      await installArgo(plane.kubectl, manifests);
      await startArgo(supervisor, plane.kubectl, {
        command: binaries['workflow-controller'],
        kubeconfig: await plane.kubeconfigFor('argo', ARGO_USER),
        manifests,
        executorImage: 'aegis.local/argoexec:dev',
      });
    }
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRedisServer(
  supervisor: Supervisor,
  { command, env }: UnpackedProgram,
  { redis }: ClusterOptions,
): Promise<string> {
  const ports = await openPorts(join(supervisor.dataDir, 'redis-port.json'), ['redis']);
  const password = typeof redis === 'object' && redis.password;
  return startRedis(supervisor, { command, env: { ...process.env, ...env }, port: ports.redis, password });
}
