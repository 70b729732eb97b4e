import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Documents } from '../../../apiserver/aggregated/server/documents.ts';
import type { Cluster } from '../../../devcluster/cluster.ts';
import { createExtensionService } from '../../../devcluster/start/extension.ts';
import { eventually } from '../../harness/eventually.ts';

const service = { namespace: 'default', name: 'extension' };
const apiService = 'v1alpha1.subresources.aegis.io';

/** An extension server that serves only documents, to every client. */
export interface StubServer {
  /** `path status` of every request so far. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** Starts one, registers it with the cluster and waits until kube-apiserver has found it well and read its discovery. */
export async function startStubServer(cluster: Cluster, documents: Documents): Promise<StubServer> {
  const requests: string[] = [];
  const hosts = [`${service.name}.${service.namespace}.svc`];
  const { certFile, keyFile } = await cluster.pki.cluster.issue('extension', { commonName: 'extension', hosts });
  const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'https://extension');
    const answer = documents(pathname, request.headers) ?? { status: 404, headers: {}, body: '{}' };
    requests.push(`${pathname} ${answer.status}`);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  try {
    await register(cluster, (server.address() as AddressInfo).port);
    return { requests, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function register(cluster: Cluster, port: number): Promise<void> {
  await createExtensionService(cluster.kubectl, service, port);
  const manifest = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: apiService },
    spec: {
      group: 'subresources.aegis.io',
      version: 'v1alpha1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { ...service, port },
      caBundle: readFileSync(cluster.pki.cluster.certFile).toString('base64'),
    },
  };
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(manifest));
  await cluster.kubectl(['wait', '--for=condition=Available', '--timeout=60s', `apiservice/${apiService}`]);
  await eventually('its documents in those of kube-apiserver', async () => {
    const [discovery, v3, v2] = await Promise.all([
      cluster.kubectl(['get', '--raw', '/apis/subresources.aegis.io/v1alpha1']),
      cluster.kubectl(['get', '--raw', '/openapi/v3']),
      cluster.kubectl(['get', '--raw', '/openapi/v2']),
    ]);
    return [discovery, v3, v2].every((text) => text.includes('subresources.aegis.io/v1alpha1'));
  });
}
