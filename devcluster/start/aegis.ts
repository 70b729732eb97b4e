import { fileURLToPath } from 'node:url';

import type { Cluster } from '../cluster.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { freePorts, isFree, openPorts } from '../ports.ts';
import { answersOk } from '../probe.ts';
import { join } from 'node:path';

/** The namespace that Aegis and its alerts live in. */
export const NAMESPACE = 'monitoring';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Aegis's CRDs, its namespace, and the rights of Aegis and of its workflows. */
export const MANIFESTS = [
  join(ROOT, 'manifests', 'install'),
  fileURLToPath(new URL('../manifests/aegis.yaml', import.meta.url)),
];

const ENTRY = join(ROOT, 'cli', 'main.ts');

/** Where a running Aegis is reached. */
export interface Aegis {
  ingestUrl: string;
  metricsUrls: string[];
}

/** Starts Aegis's roles as processes of their own and waits until both are ready. They are restarted when they die. */
export async function startAegis(cluster: Cluster, ingestPort: number): Promise<Aegis> {
  const file = join(cluster.dataDir, 'aegis-ports.json');
  const { apiserver, worker } = await openPorts(file, ['apiserver', 'worker']);
  const kubeconfig = await aegisKubeconfig(cluster);
  const common = [`--kubeconfig=${kubeconfig}`, `--namespace=${NAMESPACE}`, '--exit-with-parent'];
  const redis = `--redis-url=${cluster.redisUrl ?? ''}`;
  await Promise.all([
    startRole(cluster, 'apiserver', apiserver, [
      ...common,
      `--ingest-port=${ingestPort}`,
      '--ingest-address=127.0.0.1',
      // Nothing balances between replicas here that would have to take notice.
      '--drain-delay=0s',
    ]),
    startRole(cluster, 'worker', worker, [...common, redis]),
  ]);
  return {
    ingestUrl: `http://127.0.0.1:${ingestPort}`,
    metricsUrls: [apiserver, worker].map((port) => `http://127.0.0.1:${port}/metrics`),
  };
}

/**
 * Writes the kubeconfig of Aegis's ServiceAccount. It has a token, as a pod has: the API server remembers those for some
 * seconds, while it verifies a client certificate anew at each request.
 */
export async function aegisKubeconfig(cluster: Cluster): Promise<string> {
  const path = join(cluster.dataDir, 'aegis.kubeconfig');
  const token = await cluster.kubectl(['create', 'token', 'aegis', `--namespace=${NAMESPACE}`, '--duration=8760h']);
  writeKubeconfig(path, {
    server: cluster.server,
    caFile: cluster.pki.cluster.certFile,
    client: { token: token.trim() },
    user: 'aegis',
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

function startRole(cluster: Cluster, role: string, probePort: number, args: readonly string[]): Promise<void> {
  return cluster.supervisor.start({
    name: role,
    command: process.execPath,
    args: [ENTRY, role, ...args, `--probe-port=${probePort}`],
    ready: () => answersOk(`http://127.0.0.1:${probePort}/readyz`),
    stopGraceMs: 30_000,
  });
}
