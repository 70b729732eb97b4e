import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import launch from '../../cli/launch.json' with { type: 'json' };
import { ARGO_USER, installArgo, startArgo } from '../../devcluster/argo.ts';
import { ensureArgoManifests, ensureBinaries } from '../../devcluster/binaries/ensure.ts';
import { startCluster, type Cluster } from '../../devcluster/cluster.ts';
import { silent } from '../../devcluster/log.ts';
import { freePorts } from '../../devcluster/ports.ts';
import { answersOk } from '../../devcluster/probe.ts';
import { aegisKubeconfig, extensionFlags, MANIFESTS, NAMESPACE, type AegisRole } from '../../devcluster/start/aegis.ts';
import { connect, type KubeConnection } from '../../kube/client/connection.ts';
import { resources, type ResourceClient } from '../../kube/client/resources.ts';
import { createRestClient, type RestClient } from '../../kube/client/rest.ts';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { borrowCluster } from './cluster.ts';
import { apiAvailable, startExtensionService, type ExtensionService } from './extension.ts';

const entry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface HarnessOptions {
  /** How many processes of each role; default 1. */
  apiservers?: number;
  workers?: number;
  /** `none`: Workflows are objects that no controller runs, which suffices for most tests. */
  argo?: 'none' | 'controller';
  workerArgs?: readonly string[];
  apiserverArgs?: readonly string[];
  /**
   * Also serves the aggregated API and the webhooks, behind something that stands for a Service with its kube-proxy;
   * default false.
   */
  extension?: boolean;
  /** etcd writes to disk as in earnest; default false. */
  durable?: boolean;
}

/** A cluster without nodes and Aegis on it, as processes of their own. */
export interface Harness {
  cluster: Cluster;
  rest: RestClient;
  client<T extends KubeObject>(type: ResourceType<T>): ResourceClient<T>;
  /** `http://127.0.0.1:<port>` of each apiserver role. */
  ingest: readonly string[];
  /** `http://127.0.0.1:<port>` of the probes of each role, by process name (`apiserver-0`, `worker-0`). */
  probes: Readonly<Record<string, string>>;
  /** Undefined unless it was asked for. */
  extension: ExtensionService | undefined;
  stop(): Promise<void>;
}

/** Starts everything and waits until it is ready. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const cluster =
    options.durable === true ? await startDurable() : await borrowCluster({ contents: 'argo', redis: true });
  let connection: KubeConnection | undefined;
  let service: ExtensionService | undefined;
  const stop = async (): Promise<void> => {
    await connection?.close();
    // To end its processes in order would take seconds of each file of tests.
    cluster.supervisor.abort();
    await cluster.stop();
    await service?.stop();
  };
  try {
    if (options.argo === 'controller') await runArgo(cluster);
    connection = connect({ kubeconfig: cluster.kubeconfigPath });
    const rest = createRestClient(connection);
    const { ingest, probes, extension } = await startRoles(cluster, options);
    service = extension;
    if (extension !== undefined) await apiAvailable(cluster);
    return { cluster, rest, client: (type) => resources(rest, type), ingest, probes, extension, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A cluster of its own, whose data survives a crash of the machine. */
async function startDurable(): Promise<Cluster> {
  const parts = { nodes: 'none', argo: false, redis: true, manifests: MANIFESTS, defaultNamespace: NAMESPACE } as const;
  const cluster = await startCluster(parts);
  await installArgo(cluster.kubectl, await ensureArgoManifests(process.env, silent));
  return cluster;
}

async function runArgo(cluster: Cluster): Promise<void> {
  const binaries = await ensureBinaries(['workflow-controller'], process.env, silent);
  await startArgo(cluster.supervisor, cluster.kubectl, {
    command: binaries['workflow-controller'],
    kubeconfig: await cluster.kubeconfigFor('argo', ARGO_USER),
    executorImage: 'argoexec:none',
  });
}

async function startRoles(
  cluster: Cluster,
  options: HarnessOptions,
): Promise<Pick<Harness, 'ingest' | 'probes' | 'extension'>> {
  const { apiservers = 1, workers = 1, apiserverArgs = [], workerArgs = [] } = options;
  const common = [`--namespace=${NAMESPACE}`, '--exit-with-parent'];
  const kubeconfigs = {
    apiserver: await aegisKubeconfig(cluster, 'apiserver'),
    worker: await aegisKubeconfig(cluster, 'worker'),
  };
  const ports = await freePorts(4 * apiservers + workers);
  const next = (): number => ports.pop() ?? 0;
  const probes: Record<string, string> = {};
  const ingest: string[] = [];
  const starts: Promise<void>[] = [];
  const start = (role: AegisRole, index: number, probePort: number, args: readonly string[]): void => {
    const name = `${role}-${index}`;
    probes[name] = `http://127.0.0.1:${probePort}`;
    starts.push(
      startRole(
        cluster,
        name,
        [role, `--kubeconfig=${kubeconfigs[role]}`, ...common, ...args, `--probe-port=${probePort}`],
        probes[name],
      ),
    );
  };
  const replicas = Array.from({ length: apiservers }, () => {
    const [port, probe, api, webhooks] = [next(), next(), next(), next()];
    return { port, probe, api, webhooks, ready: `http://127.0.0.1:${probe}/readyz` };
  });
  const extension = options.extension === true ? await startExtensionService(cluster, replicas) : undefined;
  for (const [index, replica] of replicas.entries()) {
    ingest.push(`http://127.0.0.1:${replica.port}`);
    const dialled = extension && { api: extension.api.port, webhooks: extension.webhooks.port };
    const flags = dialled === undefined ? [] : extensionFlags(replica, dialled);
    start('apiserver', index, replica.probe, [`--ingest-port=${replica.port}`, ...flags, ...apiserverArgs]);
  }
  for (let index = 0; index < workers; index += 1) {
    start('worker', index, next(), [`--redis-url=${cluster.redisUrl ?? ''}`, ...workerArgs]);
  }
  await Promise.all(starts);
  return { ingest, probes, extension };
}

function startRole(cluster: Cluster, name: string, args: readonly string[], probes: string): Promise<void> {
  return cluster.supervisor.start({
    name,
    command: process.execPath,
    args: [...launch.flags, entry, ...args],
    env: { ...launch.env, ...process.env, NODE_OPTIONS: '' },
    ready: () => answersOk(`${probes}/readyz`),
    stopGraceMs: 10_000,
  });
}

/** Where examples and fixtures of the guide lie. */
export const examples = join(import.meta.dirname, '../../docs/guide/examples');
