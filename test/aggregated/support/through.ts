import { Agent, request as httpsRequest } from 'node:https';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { Cluster } from '../../../devcluster/cluster.ts';

/** A request through kube-apiserver as a user, with the details that a client library hides. */
export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly object: Record<string, unknown>;
}

/** Asks kube-apiserver as a user. Rejects when there is no answer; nothing is tried again. */
export interface Through {
  ask(user: string, asked: Asked): Promise<Answered>;
  close(): void;
}

/** @param sockets how many requests may be under way at once */
export async function throughKubeApiserver({ server, pki }: Cluster, sockets = 64): Promise<Through> {
  const subject = { commonName: 'impersonator', groups: ['system:masters'] };
  const { certFile, keyFile } = await pki.cluster.issue('impersonator', subject);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: sockets,
    ca: readFileSync(pki.cluster.certFile),
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
  });
  const ask: Through['ask'] = (user, { method = 'GET', path, body, headers = {} }) =>
    new Promise((resolve, reject) => {
      const sent = { 'Impersonate-User': user, 'Content-Type': 'application/json', ...headers };
      const outgoing = httpsRequest(new URL(path, server), { agent, method, headers: sent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const object = parsed(Buffer.concat(chunks).toString('utf8'));
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, object });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    ask,
    close: () => {
      agent.destroy();
    },
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
