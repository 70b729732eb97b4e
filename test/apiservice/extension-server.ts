import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { CertificateSource } from '../../apiservice/certificates/certificate.ts';

/** The least that kube-apiserver takes for an extension server and a webhook. */
export interface ExtensionServer {
  readonly port: number;
  /** Requests of the API and reviews of the webhook so far. */
  readonly counts: { api: number; reviews: number };
  stop(): Promise<void>;
}

/** @param discoveryPath the one path of the API that is served */
export async function startExtensionServer(
  certificates: CertificateSource,
  discoveryPath: string,
  ready: () => unknown,
): Promise<ExtensionServer> {
  const counts = { api: 0, reviews: 0 };
  const server = createServer(contextOf(certificates), (request, response) => {
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request);
    // Every request takes a handshake of its own: a connection that is kept would hide a certificate that is refused.
    response.setHeader('connection', 'close');
    response.setHeader('content-type', 'application/json');
    if (request.url === '/readyz') {
      response.statusCode = holds(ready) ? 200 : 503;
      response.end();
    } else if (request.url?.startsWith('/webhooks/')) {
      counts.reviews++;
      response.end(JSON.stringify(allowed(body)));
    } else if (request.url?.startsWith(discoveryPath)) {
      counts.api++;
      const [, , groupName = '', version = ''] = discoveryPath.split('/');
      const groupVersion = `${groupName}/${version}`;
      response.end(JSON.stringify({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: [] }));
    } else {
      response.statusCode = 404;
      response.end('{}');
    }
  };
  const stopListening = certificates.onChange(() => {
    server.setSecureContext(contextOf(certificates));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    stop: async () => {
      stopListening();
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}

function contextOf(certificates: CertificateSource): { cert: string; key: string } {
  const current = certificates.current();
  if (current === undefined) throw new Error('there is no certificate');
  return { cert: current.certificate, key: current.key };
}

function holds(ready: () => unknown): boolean {
  try {
    ready();
    return true;
  } catch {
    return false;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function allowed(review: string): object {
  const { request } = JSON.parse(review) as { request: { uid: string } };
  const response = { uid: request.uid, allowed: true };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
