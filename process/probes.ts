import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { formatChecks, runChecks, type Check } from './checks.ts';
import type { Logger } from '../lib/logger.ts';
import type { Runnable } from '../lib/runnable.ts';

/** Options of the probe port. The lists are read at each request, so that parts may add to them while starting. */
export interface ProbeOptions {
  /** 0 = any free port; see `ProbeServer.port`. */
  readonly port: number;
  readonly host?: string;
  readonly registry: Registry;
  readonly livez: readonly Check[];
  readonly readyz: readonly Check[];
  readonly logger: Logger;
  /** Milliseconds that one check may take; 2000 when absent. */
  readonly checkTimeoutMs?: number;
}

/** The probe port: `/livez`, `/readyz` (`?verbose`, `?exclude=name`, `/<check>`) and `/metrics`. */
export interface ProbeServer extends Runnable {
  /** The port in use; 0 before the start. */
  port(): number;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

const plain = 'text/plain; charset=utf-8';

/** Creates the probe server: plain HTTP without credentials, which shows states and numbers, never contents. */
export function createProbeServer(options: ProbeOptions): ProbeServer {
  const server = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      void serve(options, request, response);
    },
  );
  return {
    name: 'probes',
    start: () => listen(server, options),
    stop: () => close(server),
    port: () => (server.address() as AddressInfo | null)?.port ?? 0,
  };
}

async function serve(options: ProbeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  let answer: Answer;
  try {
    answer = await route(options, request);
  } catch (error) {
    options.logger.error({ err: error, path: request.url }, 'Failed to answer a probe');
    answer = { status: 500, type: plain, body: 'internal error\n' };
  }
  const headers = { 'content-type': answer.type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
  response.writeHead(answer.status, answer.status === 405 ? { ...headers, allow: 'GET, HEAD' } : headers);
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

async function route(options: ProbeOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, type: plain, body: 'method not allowed\n' };
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://probe');
  const [, probe = '', name, ...rest] = pathname.split('/');
  if (rest.length > 0) return notFound();
  if (probe === 'metrics' && name === undefined) {
    return { status: 200, type: options.registry.contentType, body: await options.registry.metrics() };
  }
  if (probe !== 'livez' && probe !== 'readyz') return notFound();
  const checks = options[probe].filter((check) => name === undefined || check.name === name);
  if (name !== undefined && checks.length === 0) return notFound();
  return runProbe(probe, checks, searchParams, options.checkTimeoutMs);
}

/** Runs the checks of a probe; a failing probe always lists them. */
async function runProbe(
  probe: string,
  checks: readonly Check[],
  query: URLSearchParams,
  timeoutMs = 2_000,
): Promise<Answer> {
  const excluded = query.getAll('exclude');
  const results = await runChecks(
    checks.filter(({ name }) => !excluded.includes(name)),
    timeoutMs,
  );
  const ok = results.every((result) => result.ok);
  const body = ok && !query.has('verbose') ? 'ok' : formatChecks(probe, results);
  return { status: ok ? 200 : 503, type: plain, body };
}

function notFound(): Answer {
  return { status: 404, type: plain, body: 'not found\n' };
}

function listen(server: Server, { port, host }: ProbeOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
    resolve(undefined);
  });
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  server.closeAllConnections();
  return promise;
}
