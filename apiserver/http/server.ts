import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Runnable } from '../../lib/runnable.ts';

/** How an HTTP server listens and stops. */
export interface ServingOptions {
  readonly name: string;
  readonly server: HttpServer | HttpsServer;
  /** 0 = any free port; see `RunnableServer.port`. */
  readonly port: number;
  /** Undefined = all addresses. */
  readonly host?: string | undefined;
  /** Milliseconds that requests under way have to end when the server stops. */
  readonly drainMs: number;
}

/** A listening server. */
export interface RunnableServer extends Runnable {
  /** The port in use; 0 before the start. */
  port(): number;
}

/** Milliseconds. Longer than clients keep idle connections (Go: 90 s), so that clients close them. */
export const keepAliveTimeout = 120_000;

export function runnableServer({ name, server, port, host, drainMs }: ServingOptions): RunnableServer {
  let draining = false;
  server.prependListener('request', (_, response) => {
    // Announced with an answer, so that no client sends another request on a connection that closes.
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

/** Accepts no new connections, waits for the requests under way and closes all connections. */
async function drain(server: HttpServer | HttpsServer, drainMs: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  server.closeIdleConnections();
  // Closes connections that become idle from now on.
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

/** A request that cannot be parsed or served at the level of HTTP. */
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

/** Returns a handler of `clientError`: answers requests that are no HTTP, too slow or too large, if possible. */
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

/** Returns a handler of `connect`: answers clients that use this server as a proxy. */
export function answerConnect(bodyOf: (broken: BrokenRequest) => object): (request: unknown, socket: Duplex) => void {
  return (_, socket) => {
    const broken: BrokenRequest = { code: 405, reason: 'NoTunnel', message: 'this server is not a proxy' };
    endWith(socket, broken, bodyOf(broken));
  };
}

/** Milliseconds that a client has to read the answer while it is still sending. */
const lingerMs = 1_000;

/** Writes an answer directly to the connection, for lack of a response object, and closes it. */
function endWith(socket: Duplex, { code }: BrokenRequest, content: object): void {
  const body = `${JSON.stringify(content)}\n`;
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${code} ${phrases[code]}\r\nconnection: close\r\n` +
      'content-type: application/json; charset=utf-8\r\nx-content-type-options: nosniff\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // Closing with unread data resets the connection, which loses the answer.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
