import { readFileSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { buildAggregatedApi, buildApiAccess, type AggregatedApi } from '../../../apiserver/aggregated/build.ts';
import type { Call } from '../../../apiserver/kubeapi/api.ts';
import type { Cluster } from '../../../devcluster/cluster.ts';
import type { Authority, CertificateFiles, Subject } from '../../../devcluster/pki.ts';
import { connect } from '../../../kube/client/connection.ts';
import { SharedInformers } from '../../../kube/cache/shared-informers.ts';
import { createKubeMetrics } from '../../../kube/metrics.ts';
import { createRestClient, type RestClient } from '../../../kube/client/rest.ts';
import { systemClock } from '../../../lib/clock.ts';
import { createRegistry } from '../../../process/metrics.ts';
import { sequence } from '../../../process/sequence.ts';
import { borrowCluster } from '../../harness/cluster.ts';
import { eventually } from '../../harness/eventually.ts';
import { startTcpProxy, type TcpProxy } from '../../kube/tcp-proxy.ts';
import type { Issued } from './certificates.ts';
import { send, serverName, type Received, type Sent } from './client.ts';
import { echoTable } from './tables.ts';

/** The aggregated API on a real API server, behind a TCP proxy that the test controls. */
export interface ApiFixture {
  readonly cluster: Cluster;
  /** With all rights. */
  readonly admin: RestClient;
  readonly api: AggregatedApi;
  readonly calls: Call[];
  readonly wire: TcpProxy;
  /** Certificate of the authority that signed the server's. */
  readonly serverCa: string;
  /** The certificate that kube-apiserver itself shows. */
  readonly frontProxy: Issued;
  issue(authority: Authority, name: string, subject: Subject): Promise<Issued>;
  /** As the front proxy by default; null = without certificate. */
  send(sent: Sent, as?: Issued | null): Promise<Received>;
  stop(): Promise<void>;
}

/** The user of Aegis in these tests: it may review access and read the one ConfigMap. */
const user = 'aegis-api';

export async function startApiFixture(): Promise<ApiFixture> {
  const cluster = await borrowCluster({ contents: 'bare' });
  const wire = await startTcpProxy(Number(new URL(cluster.server).port));
  const adminConnection = connect({ kubeconfig: cluster.kubeconfigPath });
  const admin = createRestClient(adminConnection);
  const kubeconfig = await cluster.kubeconfigFor(user, { commonName: user, groups: [] });
  const proxied = `${kubeconfig}.proxied`;
  const text = readFileSync(kubeconfig, 'utf8').replaceAll(cluster.server, `https://127.0.0.1:${wire.port}`);
  writeFileSync(proxied, text, { mode: 0o600 });
  const connection = connect({ kubeconfig: proxied });
  const rest = createRestClient(connection);
  await grantOwnRights(admin);

  const registry = createRegistry();
  const logger = pino({ level: 'silent' });
  const surroundings = { logger, registry, clock: systemClock() };
  const serving = read(
    await cluster.pki.cluster.issue('aegis-serving', { commonName: serverName, hosts: [serverName] }),
  );
  const calls: Call[] = [];
  const informers = new SharedInformers({
    ...{ rest, logger },
    metrics: createKubeMetrics(registry),
    clock: surroundings.clock,
  });
  const api = buildAggregatedApi(
    {
      resources: echoTable(calls),
      documents: (path) =>
        path === '/apis' ? { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' } : undefined,
      toTable: (operation, object) => ({ kind: 'Table', table: operation.table?.(object) }),
      certificates: {
        current: () => ({ certificate: serving.cert, key: serving.key }),
        onChange: () => () => undefined,
      },
      apiAccess: buildApiAccess(rest, surroundings),
      informers,
      port: 0,
      host: '127.0.0.1',
      maxInFlight: 100,
      maxInFlightPerUser: 50,
      drainMs: 2_000,
    },
    surroundings,
  );
  const running = sequence([informers.runnable, ...api.parts], logger);
  await running.start(() => undefined);
  const issue = async (authority: Authority, name: string, subject: Subject) =>
    read(await authority.issue(name, subject));
  const frontProxy = await issue(cluster.pki.frontProxy, 'test-front-proxy', { commonName: 'front-proxy-client' });
  const serverCa = readFileSync(cluster.pki.cluster.certFile, 'utf8');
  await eventually('the API to be ready', async () => {
    for (const one of api.readyz) await one.check();
    return true;
  });
  return {
    cluster,
    admin,
    api,
    calls,
    wire,
    serverCa,
    frontProxy,
    issue,
    send: (sent, as = frontProxy) =>
      send({ port: api.port(), serverCa, ...(as === null ? {} : { identity: as }) }, sent),
    stop: async () => {
      await running.stop(10_000);
      await connection.close();
      await adminConnection.close();
      await wire.stop();
      await cluster.stop();
    },
  };
}

function read({ certFile, keyFile }: CertificateFiles): Issued {
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

async function grantOwnRights(admin: RestClient): Promise<void> {
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  await eventually('the roles that Kubernetes brings along', () =>
    bind(admin, 'ClusterRole', 'system:auth-delegator', { name: 'aegis-api', subjects }),
  );
  await eventually('the role of extension servers', () =>
    bind(admin, 'Role', 'extension-apiserver-authentication-reader', {
      name: 'aegis-api',
      subjects,
      namespace: 'kube-system',
    }),
  );
}

/** Binds a role; in a namespace or everywhere. */
export async function bind(
  admin: RestClient,
  kind: 'Role' | 'ClusterRole',
  role: string,
  { name, subjects, namespace }: { name: string; subjects: readonly object[]; namespace?: string },
): Promise<true> {
  const root = '/apis/rbac.authorization.k8s.io/v1';
  await admin.request({
    method: 'POST',
    path: namespace === undefined ? `${root}/clusterrolebindings` : `${root}/namespaces/${namespace}/rolebindings`,
    body: { metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role }, subjects },
  });
  return true;
}
