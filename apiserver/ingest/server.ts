import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Part } from '../../process/parts.ts';

export interface ServerOptions {
  /** 0 = any free port; see `IngestServer.port`. */
  readonly port: number;
  /** Undefined = all addresses. */
  readonly host?: string | undefined;
  readonly listener: RequestListener;
  /** Milliseconds that requests under way get at the end. */
  readonly drainMs: number;
}

/** A listening HTTP server as a part of a process. */
export interface IngestServer extends Part {
  /** The port in use; 0 before the start. */
  port(): number;
}

/** Limits for senders nobody has vetted: whoever is slow, silent or endless is cut off. */
const limits = {
  /** Milliseconds for the headers, and for the whole request. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  /** Longer than senders keep idle connections (Go: 90 s), so that they are the ones who close. */
  keepAliveTimeout: 120_000,
};
const maxConnections = 2_048;

export function createIngestServer({ port, host, listener, drainMs }: ServerOptions): IngestServer {
  const server = createServer(limits, listener);
  server.maxConnections = maxConnections;
  server.on('clientError', refuseBrokenRequest);
  return {
    name: 'ingest',
    start: () => listen(server, port, host),
    stop: () => drain(server, drainMs),
    stopTimeoutMs: drainMs + 1_000,
    port: () => (server.address() as AddressInfo | null)?.port ?? 0,
  };
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
    server.off('error', reject);
    resolve(undefined);
  });
  return promise;
}

/** No new connections; what is under way ends, then the connections do. */
async function drain(server: Server, drainMs: number): Promise<void> {
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

/** What is no HTTP, too slow or too much gets a short answer, where there is still somebody to read it. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, reason, message] = brokenRequests.get(error.code ?? '') ?? badRequest;
  const body = `${JSON.stringify({ reason, message })}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const badRequest = ['400 Bad Request', 'RequestUnreadable', 'the request is not HTTP/1.1'] as const;
const brokenRequests: ReadonlyMap<string, readonly [string, string, string]> = new Map([
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'HeadersTooLarge', 'the headers are too large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'TooSlow', 'the request took too long to arrive']],
]);
