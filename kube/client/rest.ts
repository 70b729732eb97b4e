import type { Dispatcher } from 'undici';

import { ApiError, errorOfAnswer, errorOfFailure } from './api-error.ts';
import type { HttpRequest, KubeConnection } from './connection.ts';
import { callerHeaders, type Impersonation } from './caller-headers.ts';
import { startDeadline, type Deadline } from '../../lib/deadline.ts';

/** Parameters of a query; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** How one request is sent. */
export interface RequestOptions {
  /** Ends the request when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the whole answer must be there. Default: the client's, 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Additional headers; names in any case. Headers that identify the caller are refused. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The user for whom the API server authorizes and audits the request. */
  readonly impersonate?: Impersonation | undefined;
}

/** One request to the API server. */
export interface RestRequest extends RequestOptions {
  readonly method: HttpRequest['method'];
  /** Without the query; begins with a slash. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Media type of the answer. Default `application/json`. */
  readonly accept?: string | undefined;
  /** Name of the request in metrics. Default: the method in lower case, and no resource. */
  readonly label?: RequestLabel;
}

/** Low in cardinality: never names of objects. */
export interface RequestLabel {
  readonly verb: string;
  /** Plural. */
  readonly resource: string;
}

/** A request that has ended; `status` 0 if there was no response. */
export interface RequestObservation extends RequestLabel {
  readonly status: number;
  readonly seconds: number;
}

export interface RestOptions {
  /** Called at the end of each request, for a stream when its headers are there. */
  readonly onRequest?: (observation: RequestObservation) => void;
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** Every request also ends when one of them aborts. */
  readonly signals?: readonly SignalSource[];
}

/** Returns the signal that ends a request, if there is one. */
export type SignalSource = () => AbortSignal | undefined;

/** Sends requests to the API server. It retries none: errors have the retry decision. */
export interface RestClient {
  /**
   * Resolves to the parsed answer; undefined for an empty one.
   *
   * @throws ApiError, or the reason of a signal that aborted
   */
  request(request: RestRequest): Promise<unknown>;
  /**
   * Opens a stream: `timeoutMs` limits the time until its headers, `idleTimeoutMs` each gap after that. Iterating
   * throws when the connection breaks or the signal is aborted; leaving the iteration closes the stream.
   *
   * @throws ApiError, or the reason of a signal that aborted
   */
  stream(request: RestRequest & { readonly idleTimeoutMs: number }): Promise<AsyncIterable<Buffer>>;
  /**
   * Returns a client on the same connection whose every request also ends when the signal aborts that `current` returns
   * at its start.
   */
  withSignal(current: SignalSource): RestClient;
}

const defaultTimeoutMs = 10_000;

/** Creates a REST client of a connection; cheap, any number may share one connection. */
export function createRestClient(connection: KubeConnection, options: RestOptions = {}): RestClient {
  const { signals = [] } = options;
  const start = (request: RestRequest): Exchange => {
    const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? defaultTimeoutMs;
    const headers = callerHeaders(request);
    const deadline = startDeadline(timeoutMs, request.signal, ...signals.map((current) => current()));
    return { request, headers, timeoutMs, started: performance.now(), deadline };
  };
  const observe = ({ request, started }: Exchange, status: number): void => {
    const { verb, resource } = request.label ?? { verb: request.method.toLowerCase(), resource: '' };
    options.onRequest?.({ verb, resource, status, seconds: (performance.now() - started) / 1_000 });
  };
  return {
    request: async (request) => {
      const exchange = start(request);
      let status = 0;
      try {
        const response = await connection.send(httpRequest(exchange));
        status = response.statusCode;
        return parse(await answerOf(response, request), request);
      } catch (error) {
        throw failureOf(exchange, error);
      } finally {
        exchange.deadline.clear();
        observe(exchange, status);
      }
    },
    stream: async (request) => {
      const exchange = start(request);
      let status = 0;
      try {
        const response = await connection.send(httpRequest(exchange, request.idleTimeoutMs));
        status = response.statusCode;
        if (!isSuccess(response)) await answerOf(response, request);
        exchange.deadline.lift();
        return chunks(exchange, response.body);
      } catch (error) {
        exchange.deadline.clear();
        throw failureOf(exchange, error);
      } finally {
        observe(exchange, status);
      }
    },
    withSignal: (current) => createRestClient(connection, { ...options, signals: [...signals, current] }),
  };
}

interface Exchange {
  readonly request: RestRequest;
  /** Headers of the caller. */
  readonly headers: HttpRequest['headers'];
  readonly timeoutMs: number;
  readonly started: number;
  readonly deadline: Deadline;
}

function httpRequest({ request, headers, deadline }: Exchange, idleTimeoutMs?: number): HttpRequest {
  const { method, path, query = {}, body, contentType = 'application/json', accept = 'application/json' } = request;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return {
    method,
    path: parameters.size === 0 ? path : `${path}?${parameters.toString()}`,
    headers: {
      ...headers,
      accept,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: deadline.signal,
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
}

async function* chunks(exchange: Exchange, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw failureOf(exchange, error);
  } finally {
    exchange.deadline.clear();
  }
}

/** Returns the text of a 2xx response. */
async function answerOf(response: Dispatcher.ResponseData, request: RestRequest): Promise<string> {
  const text = await response.body.text();
  if (isSuccess(response)) return text;
  throw errorOfAnswer({ status: response.statusCode, headers: response.headers, text }, isWrite(request));
}

function parse(text: string, request: RestRequest): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError({
      status: 0,
      reason: 'InvalidAnswer',
      message: 'the response of the API server is not JSON',
      retry: { kind: 'retryable' },
      ambiguous: isWrite(request),
      cause,
    });
  }
}

function failureOf({ request, deadline, timeoutMs }: Exchange, error: unknown): unknown {
  if (error instanceof ApiError) return error;
  if (deadline.expired()) {
    return new ApiError({
      status: 0,
      reason: 'DeadlineExceeded',
      message: `no answer from the API server within ${timeoutMs} ms`,
      retry: { kind: 'retryable' },
      ambiguous: isWrite(request),
      cause: error,
    });
  }
  return deadline.signal.aborted ? deadline.signal.reason : errorOfFailure(error, isWrite(request));
}

function isSuccess({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** A dry run writes nothing. */
function isWrite({ method, query }: RestRequest): boolean {
  return method !== 'GET' && query?.['dryRun'] === undefined;
}
