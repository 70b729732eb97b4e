import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { Issued } from './certificates.ts';

/** A front proxy, or a client that pretends to be one. */
export interface ClientOptions {
  readonly port: number;
  readonly serverCa: string;
  readonly identity?: Issued;
  readonly agent?: Agent;
}

export interface Sent {
  readonly method?: string;
  /** As it goes over the wire. */
  readonly path: string;
  /** Name, value, name, value: as they go over the wire. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined when it is not JSON. */
  readonly json: Record<string, unknown> | undefined;
}

export const serverName = 'aegis.test.svc';

/** Headers of a front proxy for a user. */
export function asUser(name: string, ...groups: readonly string[]): string[] {
  return ['X-Remote-User', name, ...groups.flatMap((group) => ['X-Remote-Group', group])];
}

/** Sends one request. Rejects when there is no answer, such as after a failed handshake. */
export function send(options: ClientOptions, { method = 'GET', path, headers = [], body }: Sent): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
  const tls: RequestOptions = {
    host: '127.0.0.1',
    port: options.port,
    servername: serverName,
    ca: options.serverCa,
    ...(options.identity ?? {}),
    agent: options.agent ?? false,
  };
  const outgoing = httpsRequest(
    { ...tls, method, path, headers: ['Host', serverName, ...length, ...headers] as never, setHost: false },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parsed(text) });
      });
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
