import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import launch from '../../cli/launch.json' with { type: 'json' };
import type { Cluster } from '../cluster.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { freePorts, isFree, openPorts } from '../ports.ts';
import { answersOk } from '../probe.ts';
import { createExtensionService } from './extension.ts';

/** The namespace that Aegis and its alerts live in. */
export const NAMESPACE = 'monitoring';

/** The Service that leads to the apiserver role. */
export const SERVICE = { namespace: NAMESPACE, name: 'aegis-apiserver' };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Aegis's CRDs, its namespace, and the rights of its Workflows, of Aegis and of users: those of every cluster. */
export const MANIFESTS = [
  join(ROOT, 'manifests', 'install'),
  fileURLToPath(new URL('../manifests/aegis.yaml', import.meta.url)),
  join(ROOT, 'manifests', 'deploy', 'rbac.yaml'),
];

/** The roles, each with a ServiceAccount of its own: `aegis-<role>`. */
export type AegisRole = 'apiserver' | 'worker';

const ENTRY = join(ROOT, 'cli', 'main.ts');

/** Where a running Aegis is reached. */
export interface Aegis {
  ingestUrl: string;
  metricsUrls: string[];
}

/** Starts Aegis's roles as processes of their own and waits until both are ready. They are restarted when they die. */
export async function startAegis(cluster: Cluster, ingestPort: number): Promise<Aegis> {
  const file = join(cluster.dataDir, 'aegis-ports.json');
  const { apiserver, worker, api, webhooks } = await openPorts(file, ['apiserver', 'worker', 'api', 'webhooks']);
  await createExtensionService(cluster.kubectl, SERVICE, api);
  const redis = `--redis-url=${cluster.redisUrl ?? ''}`;
  await Promise.all([
    startRole(cluster, 'apiserver', apiserver, [
      `--ingest-port=${ingestPort}`,
      '--ingest-address=127.0.0.1',
      // Nothing balances between replicas here that would have to take notice.
      '--drain-delay=0s',
      ...extensionFlags({ api, webhooks }),
    ]),
    startRole(cluster, 'worker', worker, [redis]),
  ]);
  return {
    ingestUrl: `http://127.0.0.1:${ingestPort}`,
    metricsUrls: [apiserver, worker].map((port) => `http://127.0.0.1:${port}/metrics`),
  };
}

/**
 * Flags with which the apiserver role serves what kube-apiserver calls.
 *
 * @param listen its ports on 127.0.0.1
 * @param dialled the ports that kube-apiserver dials, where something stands between
 */
export function extensionFlags(
  listen: { api: number; webhooks: number },
  dialled: { api: number; webhooks: number } = listen,
): string[] {
  return [
    '--aggregated-api',
    '--api-address=127.0.0.1',
    `--api-port=${listen.api}`,
    `--api-service-port=${dialled.api}`,
    '--webhook-address=127.0.0.1',
    `--webhook-port=${listen.webhooks}`,
    `--webhook-service-port=${dialled.webhooks}`,
  ];
}

/** Writes the kubeconfig of a role's ServiceAccount. */
export function aegisKubeconfig(cluster: Cluster, role: AegisRole): Promise<string> {
  return accountKubeconfig(cluster, `aegis-${role}`);
}

/**
 * Writes the kubeconfig of a ServiceAccount of Aegis's namespace. It has a token, as a pod has: the API server remembers those for some
 * seconds, while it verifies a client certificate anew at each request.
 */
export async function accountKubeconfig(cluster: Cluster, account: string): Promise<string> {
  const path = join(cluster.dataDir, `${account}.kubeconfig`);
  const token = await cluster.kubectl(['create', 'token', account, `--namespace=${NAMESPACE}`, '--duration=8760h']);
  writeKubeconfig(path, {
    server: cluster.server,
    caFile: cluster.pki.cluster.certFile,
    client: { token: token.trim() },
    user: account,
    namespace: NAMESPACE,
  });
  return path;
}

/** The port that was asked for if it is free, else any other. */
export async function chooseIngestPort(wanted: number): Promise<number> {
  if (await isFree(wanted)) return wanted;
  const [port = wanted] = await freePorts(1);
  return port;
}

async function startRole(cluster: Cluster, role: AegisRole, probePort: number, args: readonly string[]): Promise<void> {
  const kubeconfig = await aegisKubeconfig(cluster, role);
  const common = [`--kubeconfig=${kubeconfig}`, `--namespace=${NAMESPACE}`, '--exit-with-parent'];
  await cluster.supervisor.start({
    name: role,
    command: process.execPath,
    args: [...launch.flags, ENTRY, role, ...common, ...args, `--probe-port=${probePort}`],
    env: { ...launch.env, ...process.env },
    ready: () => answersOk(`http://127.0.0.1:${probePort}/readyz`),
    stopGraceMs: 30_000,
  });
}
