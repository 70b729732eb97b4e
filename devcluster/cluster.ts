import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { ARGO_USER, installArgo, startArgo } from './argo.ts';
import type { UnpackedProgram } from './binaries/redis-server.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { untilEstablished } from './established.ts';
import type { Kubectl } from './kubectl.ts';
import { silent, type Log } from './log.ts';
import { ARGOEXEC_IMAGE, type DevNode, type MakeImages } from './node/index.ts';
import { startNodes, type Nodes } from './nodes.ts';
import { openPki, type Pki } from './pki.ts';
import { openPorts } from './ports.ts';
import { ensurePrograms, type ArgoWanted, type Programs } from './programs.ts';
import { startRedis } from './redis.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

/** What to start. */
export interface ClusterOptions {
  nodes: Nodes;
  /** Whether to install Argo Workflows and run its controller; `strictCrds` as its release has them, which takes seconds. */
  argo: ArgoWanted;
  /** Whether to run a Redis, and whether it asks for a password. */
  redis: boolean | { password: boolean };
  /** YAML files and folders to apply, CRDs first; `startCluster` resolves when the CRDs among them are established. */
  manifests?: readonly string[];
  /** Where everything is kept. Default: a temporary folder that is deleted by `stop`. */
  dataDir?: string;
  /** Namespace of kubectl commands that name none. Default `default`; it is not created. */
  defaultNamespace?: string;
  /** Lets etcd skip fsync. Faster, but a crash of the machine loses data: for tests only. Default false. */
  unsafeNoFsync?: boolean;
  /** Whether kube-apiserver keeps an audit log, see `Cluster.auditLog`. Default false. */
  audit?: boolean;
  /** More images that the real node can pull. Default: none. */
  images?: MakeImages;
  /** Whether extensions run in pods, so that kube-apiserver dials those. Default false: see `KubeApiserverOptions`. */
  extensionsInPods?: boolean;
  /** Ends a start that is under way; `startCluster` then cleans up and rejects. Without effect on a running cluster. */
  signal?: AbortSignal;
  /** Receives a line for each slow step. Default: not logged. */
  log?: Log;
}

/** A running cluster. */
export interface Cluster extends Pick<ControlPlane, 'server' | 'kubeconfigPath' | 'kubectl' | 'kubeconfigFor'> {
  readonly dataDir: string;
  readonly kubectlPath: string;
  /** Undefined without Redis. */
  readonly redisUrl: string | undefined;
  /** File with one JSON object a line for each request that was answered; undefined unless asked for. */
  readonly auditLog: string | undefined;
  /** Prometheus endpoints that need no credentials. */
  readonly metricsUrls: readonly string[];
  /** The real node; undefined when it is simulated or when there is none. */
  readonly node: DevNode | undefined;
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

/**
 * Starts a cluster on this machine on free ports; one without nodes takes three to five seconds. Programs that are not
 * there yet are built first, which takes minutes once. If anything fails, all that was started is ended again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const log = options.log ?? silent;
  const programs = await ensurePrograms({ ...options, redis: options.redis !== false }, process.env, log);

  const temporary = options.dataDir === undefined;
  const dataDir = resolve(options.dataDir ?? mkdtempSync(join(tmpdir(), 'aegis-devcluster-')));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  options.signal?.throwIfAborted();
  const supervisor = await createSupervisor(dataDir, log);
  const abort = (): void => {
    supervisor.abort();
  };
  options.signal?.addEventListener('abort', abort);
  const stop = async (): Promise<void> => {
    await supervisor.stopAll();
    if (temporary) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return await startParts(supervisor, programs, { ...options, log, stop });
  } catch (error) {
    await stop();
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

async function startParts(
  supervisor: Supervisor,
  programs: Programs,
  options: ClusterOptions & { log: Log; stop: () => Promise<void> },
): Promise<Cluster> {
  const { nodes, log, stop } = options;
  const { binaries, argo, debian } = programs;
  const pki = await openPki(join(supervisor.dataDir, 'pki'));
  const auditLog = options.audit === true ? join(supervisor.dataDir, 'audit.log') : undefined;
  const planeOptions = {
    binaries,
    reachableFromPods: nodes === 'real',
    unsafeNoFsync: options.unsafeNoFsync ?? false,
    extensionsInPods: options.extensionsInPods === true,
    auditLog,
    defaultNamespace: options.defaultNamespace ?? 'default',
  };
  log('Starting etcd, kube-apiserver and kube-controller-manager');
  const [plane, redisUrl] = await settleAll([
    startControlPlane(supervisor, pki, planeOptions),
    programs.redis && startRedisServer(supervisor, programs.redis, options),
  ]);
  if (nodes !== 'none') log(`Starting the ${nodes} node`);
  if (argo !== undefined) log('Installing Argo Workflows and starting its controller');
  const [node] = await settleAll([
    startNodes(nodes, { supervisor, pki, plane, binaries, debian, images: options.images, log }),
    argo && runArgo(supervisor, plane, argo),
    applyManifests(plane.kubectl, options.manifests ?? []),
  ]);
  return {
    server: plane.server,
    kubeconfigPath: plane.kubeconfigPath,
    kubectl: plane.kubectl,
    kubeconfigFor: plane.kubeconfigFor,
    dataDir: supervisor.dataDir,
    kubectlPath: binaries.kubectl,
    redisUrl,
    auditLog,
    metricsUrls: [plane.etcdMetricsUrl],
    node,
    pki,
    supervisor,
    pids: () => supervisor.pids(),
    kill(name, signal) {
      supervisor.kill(name, signal);
    },
    restart: (name) => supervisor.restart(name),
    logs: (name, lines) => supervisor.logs(name, lines),
    stop,
  };
}

async function applyManifests(kubectl: Kubectl, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const files = paths.flatMap((path) => ['-f', path]);
  await kubectl(['apply', '--server-side', '--force-conflicts', ...files]);
  await untilEstablished(kubectl);
}

async function runArgo(
  supervisor: Supervisor,
  plane: ControlPlane,
  { controller, manifests }: NonNullable<Programs['argo']>,
): Promise<void> {
  await installArgo(plane.kubectl, manifests);
  const kubeconfig = await plane.kubeconfigFor('argo', ARGO_USER);
  await startArgo(supervisor, plane.kubectl, { command: controller, kubeconfig, executorImage: ARGOEXEC_IMAGE });
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

/** Like `Promise.all`, but fails only when nothing is under way any more, so that the clean-up has nothing to race with. */
async function settleAll<T extends readonly unknown[]>(
  work: [...T],
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return Promise.all(work);
}
