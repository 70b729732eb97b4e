import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Cluster } from '../../devcluster/cluster.ts';
import { connect, type KubeConnection } from '../../kube/client/connection.ts';
import { resources, type ResourceClient } from '../../kube/client/resources.ts';
import { createRestClient, type RequestObservation, type RestClient } from '../../kube/client/rest.ts';
import { borrowCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { things, type Thing } from './things.ts';
import type { KubeObject, ResourceType } from '../../crds/object.ts';

/** A real API server with the kind `Thing`, reached through a wire that the test holds in its hands. */
export interface Fixture {
  readonly cluster: Cluster;
  readonly connection: KubeConnection;
  readonly rest: RestClient;
  readonly things: ResourceClient<Thing>;
  readonly proxy: TcpProxy;
  /** All requests so far. */
  readonly requests: RequestObservation[];
  /** A connection of its own. */
  connect(): KubeConnection;
  stop(): Promise<void>;
}

const namespaces: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};
const definitions: ResourceType<KubeObject & { spec: object }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

export async function startFixture(): Promise<Fixture> {
  const cluster = await borrowCluster({ contents: 'bare' });
  const proxy = await startTcpProxy(Number(new URL(cluster.server).port));
  const kubeconfig = join(cluster.dataDir, 'proxied.kubeconfig');
  const config = readFileSync(cluster.kubeconfigPath, 'utf8');
  writeFileSync(kubeconfig, config.replaceAll(cluster.server, `https://127.0.0.1:${proxy.port}`), { mode: 0o600 });
  const open = () => connect({ kubeconfig });
  const connection = open();
  const requests: RequestObservation[] = [];
  const rest = createRestClient(connection, { onRequest: (observation) => requests.push(observation) });
  const client = resources(rest, things);
  const stop = async () => {
    await connection.close();
    await proxy.stop();
    await cluster.stop();
  };
  try {
    await resources(rest, namespaces).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } });
    await resources(rest, definitions).create(thingDefinition());
    await eventually('the kind to be served', () => client.list());
  } catch (error) {
    await stop();
    throw error;
  }
  return { cluster, connection, rest, things: client, proxy, requests, connect: open, stop };
}

function thingDefinition(): KubeObject & { spec: object } {
  const text = { type: 'string' };
  const properties = {
    spec: { type: 'object', properties: { value: text } },
    status: {
      type: 'object',
      properties: { phase: text, count: { type: 'integer' }, list: { type: 'array', items: text } },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.test.aegis.io' },
    spec: {
      group: things.group,
      scope: 'Namespaced',
      names: { plural: things.plural, kind: things.kind },
      versions: [
        {
          name: things.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  };
}

/** An object that was not stored yet. */
export function newThing(name: string, value = 'x'): Thing {
  return {
    apiVersion: 'test.aegis.io/v1',
    kind: 'Thing',
    metadata: { namespace: 'ns', name },
    spec: { value },
  };
}

/** Runs a task for each number below `count`, so many at a time. */
export async function inParallel(count: number, width: number, task: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, work));
}
