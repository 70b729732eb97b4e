import { createServer, type RequestListener } from 'node:http';
import { answerBroken, keepAliveTimeout, runnableServer, type RunnableServer } from '../../http/server.ts';

export interface ServerOptions {
  /** 0 = any free port; see `IngestServer.port`. */
  readonly port: number;
  /** Undefined = all addresses. */
  readonly host?: string | undefined;
  readonly listener: RequestListener;
  /** Milliseconds that requests under way get at the end. */
  readonly drainMs: number;
}

/** The HTTP server of the ingest. */
export type IngestServer = RunnableServer;

/** Limits for untrusted senders: slow, idle and endless requests are ended. */
const limits = {
  /** Milliseconds for the headers, and for the whole request. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  keepAliveTimeout,
};
const maxConnections = 2_048;

export function createIngestServer({ port, host, listener, drainMs }: ServerOptions): IngestServer {
  const server = createServer(limits, listener);
  server.maxConnections = maxConnections;
  server.on(
    'clientError',
    answerBroken(({ reason, message }) => ({ reason, message })),
  );
  return runnableServer({ name: 'ingest', server, port, host, drainMs });
}
