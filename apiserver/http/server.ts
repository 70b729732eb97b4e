import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Runnable } from '../../lib/runnable.ts';

/** How an HTTP server of any kind listens and ends. */
export interface ServingOptions {
  readonly name: string;
  readonly server: HttpServer | HttpsServer;
  /** 0 = any free port; see `RunnableServer.port`. */
  readonly port: number;
  /** Undefined = all addresses. */
  readonly host?: string | undefined;
  /** Milliseconds that requests under way get at the end. */
  readonly drainMs: number;
}

/** A listening server as a part of a process. */
export interface RunnableServer extends Runnable {
  /** The port in use; 0 before the start. */
  port(): number;
}

/** Milliseconds. Longer than clients keep idle connections (Go: 90 s), so that they are the ones who close. */
export const keepAliveTimeout = 120_000;

export function runnableServer({ name, server, port, host, drainMs }: ServingOptions): RunnableServer {
  let draining = false;
  server.prependListener('request', (_, response) => {
    // The client learns it with an answer, and not by a request that nobody takes any more.
    if (draining) response.shouldKeepAlive = false;
  });
  return {
    name,
    start: () => listen(server, port, host),
    drain: () => {
      draining = true;
    },
    stop: () => drain(server, drainMs),
    stopTimeoutMs: drainMs + 1_000,
    port: () => (server.address() as AddressInfo | null)?.port ?? 0,
  };
}

function listen(server: HttpServer | HttpsServer, port: number, host: string | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
    server.off('error', reject);
    resolve(undefined);
  });
  return promise;
}

/** No new connections; what is under way ends, then the connections do. */
async function drain(server: HttpServer | HttpsServer, drainMs: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  server.closeIdleConnections();
  // Connections that become idle from now on.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
}

/** Something that came over a connection and is no request that could be served. */
export interface BrokenRequest {
  readonly code: 400 | 405 | 408 | 431;
  readonly reason: 'RequestUnreadable' | 'NoTunnel' | 'TooSlow' | 'HeadersTooLarge';
  readonly message: string;
}

const unreadable: BrokenRequest = {
  code: 400,
  reason: 'RequestUnreadable',
  message: 'the request is not HTTP/1.1',
};
const brokenRequests: ReadonlyMap<string, BrokenRequest> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    { code: 431, reason: 'HeadersTooLarge', message: 'the headers are too large' } satisfies BrokenRequest,
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { code: 408, reason: 'TooSlow', message: 'the request took too long to arrive' } satisfies BrokenRequest,
  ],
]);
const phrases = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
} as const;

/** Answers what is no HTTP, too slow or too much, where there is still somebody to read it; for `clientError`. */
export function answerBroken(
  bodyOf: (broken: BrokenRequest) => object,
): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  return (error, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const broken = brokenRequests.get(error.code ?? '') ?? unreadable;
    endWith(socket, broken, bodyOf(broken));
  };
}

/** Answers who takes this server for a proxy; for `connect`. */
export function answerConnect(bodyOf: (broken: BrokenRequest) => object): (request: unknown, socket: Duplex) => void {
  return (_, socket) => {
    const broken: BrokenRequest = { code: 405, reason: 'NoTunnel', message: 'this server is no proxy' };
    endWith(socket, broken, bodyOf(broken));
  };
}

/** Milliseconds that a client gets to read the answer while it is still sending. */
const lingerMs = 1_000;

/** There is no response to write to: the answer goes straight to the connection, and ends it. */
function endWith(socket: Duplex, { code }: BrokenRequest, content: object): void {
  const body = `${JSON.stringify(content)}\n`;
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${code} ${phrases[code]}\r\nconnection: close\r\n` +
      'content-type: application/json; charset=utf-8\r\nx-content-type-options: nosniff\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // Closing while something is unread resets the connection, and the answer is lost with it.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
