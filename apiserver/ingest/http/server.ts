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

/** A listening HTTP server as a part of a process. */
export type IngestServer = RunnableServer;

/** Limits for senders nobody has vetted: whoever is slow, silent or endless is cut off. */
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
