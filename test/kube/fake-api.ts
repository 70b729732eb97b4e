import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { openConnection, type KubeConnection } from '../../kube/client/connection.ts';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request, well or badly. */
export type Reply = (response: ServerResponse, request: SeenRequest) => void;

/** An API server that plays a script: it expects requests in order and answers each as the script says. */
export interface FakeApi {
  readonly connection: KubeConnection;
  readonly requests: readonly SeenRequest[];
  /** Connections that were ever opened. */
  connections(): number;
  /** Closes everything; throws when the requests were not those of the script. */
  stop(): Promise<void>;
}

/** A line of the script: `GET /path`, with those query parameters that matter, and the answer. */
export interface Step {
  readonly request: string;
  readonly reply: Reply;
}

export function step(request: string, reply: Reply): Step {
  return { request, reply };
}

export async function startFakeApi(script: readonly Step[], authorization?: string): Promise<FakeApi> {
  const steps = [...script];
  const requests: SeenRequest[] = [];
  const problems: string[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    void read(incoming).then((request) => {
      requests.push(request);
      const next = steps.shift();
      const problem = mismatch(request, next);
      if (next !== undefined && problem === undefined) {
        next.reply(response, request);
        return;
      }
      problems.push(problem ?? 'no step left');
      json(400, status(400, 'BadRequest', problem ?? ''))(response, request);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const connection = openConnection({
    server: `http://127.0.0.1:${port}`,
    credentials: {
      current: () => Promise.resolve({ headers, tls: {}, tlsFingerprint: '' }),
      rejected: () => undefined,
    },
  });
  return {
    connection,
    requests,
    connections: () => connections,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await connection.close();
      await closed;
      if (steps.length > 0) problems.push(`${steps.length} steps were not reached, first: ${steps[0]?.request}`);
      if (problems.length > 0) throw new Error(problems.join('\n'));
    },
  };
}

function mismatch(request: SeenRequest, next: Step | undefined): string | undefined {
  const seen = `${request.method} ${request.path}?${new URLSearchParams(request.query).toString()}`;
  if (next === undefined) return `${seen}: nothing more was expected`;
  const [method, url = ''] = next.request.split(' ');
  const { pathname, searchParams } = new URL(url, 'http://any');
  const matches =
    method === request.method &&
    pathname === request.path &&
    [...searchParams].every(([name, value]) => request.query[name] === value);
  return matches ? undefined : `${seen}: expected ${next.request}`;
}

async function read(incoming: IncomingMessage): Promise<SeenRequest> {
  const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://any');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? '',
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

export function json(code: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return raw(code, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function raw(code: number, text: string, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(code, headers).end(text);
  };
}

/** Never answers. */
export function silence(): Reply {
  return () => undefined;
}

/** Hangs up without an answer. */
export function hangUp(): Reply {
  return (response) => {
    response.destroy();
  };
}

/** How a watch goes on after its events. */
export type Ending = 'end' | 'stay open' | 'break off';

/** A watch: lines are sent as they are, objects as JSON lines. */
export function stream(parts: readonly (object | string | Buffer)[], ending: Ending): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const part of parts) {
      response.write(Buffer.isBuffer(part) || typeof part === 'string' ? part : `${JSON.stringify(part)}\n`);
    }
    if (ending === 'end') response.end();
    if (ending === 'break off') setImmediate(() => response.destroy());
  };
}

/** A Status. */
export function status(code: number, reason: string, message = reason, details?: object) {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details };
}
