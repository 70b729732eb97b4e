import { Registry } from 'prom-client';

import { buildApiservice, type ApiserviceOptions } from '../../apiservice/build.ts';
import type { WebhookRegistration } from '../../apiservice/registration/webhooks.ts';
import { apiServices, type ApiService } from '../../apiservice/registration/registered.ts';
import type { Cluster } from '../../devcluster/cluster.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { startApiServer } from '../harness/api-server.ts';
import { createExtensionService } from '../../devcluster/start/extension.ts';
import { connect } from '../../kube/client/connection.ts';
import { resources, type ResourceClient } from '../../kube/client/resources.ts';
import { createRestClient, type RestClient } from '../../kube/client/rest.ts';
import { eventually } from '../harness/eventually.ts';
import { startServiceProxy, type ServiceProxy } from '../harness/service-proxy.ts';
import { createFakeLogger } from '../kube/things.ts';
import { startExtensionServer, type ExtensionServer } from './extension-server.ts';
import { REGISTRAR, registrarRights } from './rights.ts';

export const GROUP = 'subresources.aegis.io';
export const VERSION = 'v1alpha1';
export const API_SERVICE = `${VERSION}.${GROUP}`;
export const SERVICE = 'aegis-apiserver';

/** Short lives, so that a test sees several generations. */
export const SHORT = { authorityLifeMs: 60_000, leafLifeMs: 20_000, overlapMs: 4_000, checkIntervalMs: 1_000 };

export const webhook: WebhookRegistration = {
  name: 'rules.webhook.aegis.io',
  path: '/webhooks/rules',
  resources: ['aegisalertopsrules'],
  operations: ['CREATE', 'UPDATE'],
};

/** A process that serves and registers the API, as the apiserver role will. */
export interface Replica {
  readonly server: ExtensionServer;
  readonly registry: Registry;
  readonly problem: () => string | undefined;
  stop(): Promise<void>;
}

/** A real API server, a Service that leads to replicas in this process, and rights as Aegis will have them. */
export interface Fixture {
  readonly cluster: Cluster;
  /** With all rights. */
  readonly rest: RestClient;
  readonly apiServices: ResourceClient<ApiService>;
  readonly proxy: ServiceProxy;
  startReplica(changes?: Partial<ApiserviceOptions>): Promise<Replica>;
  /** Status, reason and message of the condition Available. */
  available(): Promise<{ status: string; reason?: string; message?: string } | undefined>;
  untilAvailable(status: 'True' | 'False'): Promise<void>;
  stop(): Promise<void>;
}

export async function startFixture(): Promise<Fixture> {
  const cluster = await startApiServer();
  const proxy = await startServiceProxy([]);
  const admin = connect({ kubeconfig: cluster.kubeconfigPath });
  const registrar = connect({ kubeconfig: await cluster.kubeconfigFor('registrar', { commonName: REGISTRAR }) });
  const rest = createRestClient(admin);
  const client = resources(rest, apiServices);
  const running = new Map<Replica, { port: number; ready: string }>();
  const setReplicas = (): Promise<void> => proxy.setReplicas([...running.values()]);
  const stop = async (): Promise<void> => {
    for (const replica of running.keys()) await replica.stop();
    await Promise.all([admin.close(), registrar.close(), proxy.stop()]);
    await cluster.stop();
  };
  const available: Fixture['available'] = async () =>
    (await client.find({ name: API_SERVICE }))?.status?.conditions?.find(({ type }) => type === 'Available');
  try {
    await cluster.kubectl(['apply', '-f', '-'], registrarRights(NAMESPACE));
    await createExtensionService(cluster.kubectl, { namespace: NAMESPACE, name: SERVICE }, proxy.port);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    cluster,
    rest,
    apiServices: client,
    proxy,
    startReplica: async (changes = {}) => {
      const registry = new Registry();
      const { certificates, buildRegistration } = buildApiservice({
        rest: createRestClient(registrar),
        logger: createFakeLogger(),
        registry,
        group: GROUP,
        version: VERSION,
        service: { namespace: NAMESPACE, name: SERVICE, port: proxy.port },
        webhooks: [webhook],
        webhookPort: proxy.port,
        ownUsers: [`system:serviceaccount:${NAMESPACE}:aegis`],
        ...SHORT,
        ...changes,
      });
      const registration = buildRegistration([]);
      await certificates.part.start();
      const server = await startExtensionServer(certificates, `/apis/${GROUP}/${VERSION}`, () =>
        certificates.ready.check(),
      );
      const replica: Replica = {
        server,
        registry,
        problem: () => registration.check.check(),
        stop: async () => {
          running.delete(replica);
          await setReplicas();
          await registration.part.stop();
          await server.stop();
          await certificates.part.stop();
        },
      };
      running.set(replica, { port: server.port, ready: `https://127.0.0.1:${server.port}/readyz` });
      await registration.part.start();
      await eventually('the replica to be ready', () => certificates.ready.check() === undefined);
      await setReplicas();
      return replica;
    },
    available,
    untilAvailable: async (status) => {
      await eventually(`the API to be Available=${status}`, async () => (await available())?.status === status, {
        withinMs: 60_000,
      });
    },
    stop,
  };
}
