import { fileURLToPath } from 'node:url';
import launch from '../../cli/launch.json' with { type: 'json' };
import type { Cluster } from '../../devcluster/cluster.ts';
import { freePorts } from '../../devcluster/ports.ts';
import { answersOk } from '../../devcluster/probe.ts';
import { aegisKubeconfig, NAMESPACE } from '../../devcluster/start/aegis.ts';
import { startApiServer } from '../harness/api-server.ts';
import { sumOfMetric } from '../harness/metrics.ts';
import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { connect } from '../../kube/client/connection.ts';
import { resources, type ResourceClient } from '../../kube/client/resources.ts';
import { createRestClient } from '../../kube/client/rest.ts';

const entry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Processes of the apiserver role on a real API server: no worker, no Redis, no Argo. */
export interface IngestFixture {
  readonly cluster: Cluster;
  readonly alerts: ResourceClient<AegisAlert>;
  /** `http://127.0.0.1:<port>` of the ingest of each process. */
  readonly urls: readonly string[];
  /** `http://127.0.0.1:<port>` of the probes of each process. */
  readonly probes: readonly string[];
  list(namespace?: string): Promise<AegisAlert[]>;
  /** The sum of a metric over all processes and labels. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startIngest(processes: number, args: readonly string[] = []): Promise<IngestFixture> {
  const cluster = await startApiServer();
  const connection = connect({ kubeconfig: cluster.kubeconfigPath });
  const alerts = resources(createRestClient(connection), aegisAlerts);
  const stop = async (): Promise<void> => {
    await connection.close();
    await cluster.stop();
  };
  try {
    const kubeconfig = await aegisKubeconfig(cluster, 'apiserver');
    const ports = await freePorts(2 * processes);
    const urls = ports.slice(0, processes).map((port) => `http://127.0.0.1:${port}`);
    const probes = ports.slice(processes).map((port) => `http://127.0.0.1:${port}`);
    const start = (index: number): Promise<void> =>
      cluster.supervisor.start({
        name: `apiserver-${index}`,
        command: process.execPath,
        args: [
          ...launch.flags,
          entry,
          'apiserver',
          `--kubeconfig=${kubeconfig}`,
          `--namespace=${NAMESPACE}`,
          `--ingest-port=${ports[index]}`,
          `--probe-port=${ports[processes + index]}`,
          '--exit-with-parent',
          ...args,
        ],
        env: { ...launch.env, ...process.env, NODE_OPTIONS: '' },
        ready: () => answersOk(`${probes[index] ?? ''}/readyz`),
        stopGraceMs: 15_000,
      });
    await Promise.all(urls.map((_, index) => start(index)));
    return {
      cluster,
      alerts,
      urls,
      probes,
      list: async (namespace) => (await alerts.list({ namespace })).items,
      metric: async (name) =>
        (await Promise.all(probes.map((probe) => sumOfMetric(probe, name)))).reduce((a, b) => a + b),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An Alertmanager payload with `count` alerts, all firing unless told otherwise. */
export function alertmanagerGroup(prefix: string, count: number, changes: object = {}): object {
  return {
    version: '4',
    status: 'firing',
    receiver: 'aegis',
    groupLabels: { alertname: 'NodeDown' },
    alerts: Array.from({ length: count }, (_, index) => ({
      status: 'firing',
      labels: { alertname: 'NodeDown', node: `${prefix}-${index}`, severity: 'critical', prefix },
      annotations: { summary: `${prefix}-${index} is down` },
      startsAt: '2026-03-01T10:00:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: `${prefix}-${index}`,
      ...changes,
    })),
  };
}
