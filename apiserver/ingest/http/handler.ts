import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { ParseContext, ParsedPayload, TruncatedGroup } from '../../../alerts/incoming.ts';
import type { Authentication, RequestHeaders, SenderSecrets, Source } from '../../../alerts/sources/source.ts';
import type { Clock } from '../../../lib/clock.ts';
import { withinDeadline } from '../../../lib/deadline.ts';
import { linger } from '../../http/linger.ts';
import { answerOf } from './answer.ts';
import { checkContentType, readBody } from '../../http/body.ts';
import type { DeadLetter } from '../dead-letters/dead-letters.ts';
import type { AlertLimiter } from '../alert-limiter.ts';
import type { RequestLimiter, Slot } from '../../http/load-limits.ts';
import type { Intake } from '../intake.ts';
import type { IngestMetrics } from '../metrics.ts';
import { Refusal } from '../../http/refusal.ts';
import type { RequestLog } from './request-log.ts';

/** Dependencies of the handler of the ingest. */
export interface IngestHandlerPorts {
  sources: readonly Source[];
  /** By source. */
  secrets: ReadonlyMap<string, SenderSecrets>;
  requestLimiter: RequestLimiter;
  alertLimiter: AlertLimiter;
  intake: Intake;
  context: ParseContext;
  metrics: IngestMetrics;
  log: RequestLog;
  clock: Clock;
  keepDeadLetter(letter: DeadLetter): void;
  onTruncated(group: TruncatedGroup, tenant: string): void;
  defaultNamespace: string;
  /** Bytes. */
  maxBody: number;
  /** Milliseconds from the end of the body to the answer. */
  budgetMs: number;
}

/** Seconds after which a sender should retry. */
const retryAfter = '5';

/** Creates the handler: `POST` of alerts on the paths of all sources; everything else is an error in JSON. */
export function createIngestHandler(ports: IngestHandlerPorts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  for (const source of ports.sources) {
    for (const path of source.paths) {
      app.post(path, (request, response) => serve(ports, source, { request, response, source: source.name }));
      app.all(path, (request, response) => {
        response.setHeader('allow', 'POST');
        const refusal = new Refusal(405, 'MethodNotAllowed', 'alerts must be sent by POST');
        refuse(ports, { request, response, source: source.name }, refusal);
      });
    }
  }
  const paths = ports.sources.flatMap((source) => source.paths).join(', ');
  app.use((request, response) => {
    const refusal = new Refusal(404, 'NotFound', `alerts must be sent to one of ${paths}`);
    refuse(ports, { request, response, source: '' }, refusal);
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else fail(ports, { request, response, source: '' }, error);
  });
  return app;
}

interface RequestContext {
  request: Request;
  response: Response;
  /** Name of the source; empty when the path belongs to none. */
  source: string;
}

async function serve(ports: IngestHandlerPorts, source: Source, context: RequestContext): Promise<void> {
  const started = ports.clock.monotonicMs();
  try {
    const { headers, url } = context.request;
    const tenant = namespaceOf(url) ?? ports.defaultNamespace;
    using body = new RequestBody(ports, source, context.request);
    const request = { headers, namespace: tenant, raw: () => body.raw() };
    const authentication = await source.authenticate(request, ports.secrets.get(source.name));
    if (!authentication.ok) throw unauthenticated(authentication);
    const { status, body: answerBody } = await take(ports, source, { tenant, headers, content: await body.raw() });
    answer(ports, context, status, answerBody);
  } catch (error) {
    if (error instanceof Refusal) refuse(ports, context, error);
    else fail(ports, context, error);
  } finally {
    ports.metrics.duration.observe({ source: source.name }, (ports.clock.monotonicMs() - started) / 1000);
  }
}

/** The body of a request, read when it is first needed; disposing gives its slot back. */
class RequestBody implements Disposable {
  readonly #ports: IngestHandlerPorts;
  readonly #source: Source;
  readonly #request: Request;
  #slot: Slot | undefined;
  #bytes: Promise<Buffer> | undefined;

  constructor(ports: IngestHandlerPorts, source: Source, request: Request) {
    this.#ports = ports;
    this.#source = source;
    this.#request = request;
  }

  /** @throws Refusal 400, 413, 415 or 503 */
  raw(): Promise<Buffer> {
    this.#bytes ??= this.#read();
    return this.#bytes;
  }

  async #read(): Promise<Buffer> {
    this.#slot = this.#ports.requestLimiter.enter();
    checkContentType(this.#request.headers['content-type'], this.#source.contentTypes);
    return readBody(this.#request, this.#slot, this.#ports.maxBody);
  }

  [Symbol.dispose](): void {
    this.#slot?.[Symbol.dispose]();
  }
}

function unauthenticated({ reason, message }: Extract<Authentication, { ok: false }>): Refusal {
  return new Refusal(reason === 'NamespaceForbidden' ? 403 : 401, reason, message);
}

/** A request that is authenticated and read. */
interface RawPayload {
  tenant: string;
  headers: RequestHeaders;
  content: Buffer;
}

async function take(ports: IngestHandlerPorts, source: Source, payload: RawPayload) {
  const { tenant, content } = payload;
  const deadline = AbortSignal.timeout(ports.budgetMs);
  const { alerts, truncated } = await parse(ports, source, payload, deadline);
  const leave = ports.alertLimiter.enter(tenant, alerts.length);
  try {
    if (truncated !== undefined) ports.onTruncated(truncated, tenant);
    return answerOf(await ports.intake.take({ source: source.name, alerts, tenant, content }, deadline));
  } finally {
    leave();
  }
}

/** @throws Refusal when the payload can never be read, after storing it as a dead letter; UnavailableError */
async function parse(
  ports: IngestHandlerPorts,
  source: Source,
  { headers, content }: RawPayload,
  signal: AbortSignal,
): Promise<Extract<ParsedPayload, { ok: true }>> {
  const payload = await withinDeadline(parsed(ports, source, { headers, content }, signal), signal, 'reading alerts');
  if (payload.ok) return payload;
  const { reason: message } = payload;
  const text = content.toString('utf8', 0, 4096);
  ports.keepDeadLetter({ source: source.name, reason: 'BodyUnreadable', message, content: text });
  throw new Refusal(400, 'BodyUnreadable', message);
}

async function parsed(
  ports: IngestHandlerPorts,
  source: Source,
  { headers, content }: Omit<RawPayload, 'tenant'>,
  signal: AbortSignal,
): Promise<ParsedPayload> {
  const read = await source.read(content, headers);
  return read.ok ? source.parse(read.body, { nodeOf: (host) => ports.context.nodeOf(host), signal }) : read;
}

function namespaceOf(url: string): string | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  const namespace = new URLSearchParams(url.slice(query)).get('namespace');
  return namespace === null || namespace === '' ? undefined : namespace.slice(0, 253).toWellFormed();
}

function refuse(ports: IngestHandlerPorts, context: RequestContext, { status, reason, message }: Refusal): void {
  const { request, response, source } = context;
  ports.metrics.rejected.inc({ source, reason });
  ports.log.refused({ source, status, reason, from: remoteAddressOf(request) });
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  answer(ports, context, status, { reason, message });
}

/** A request whose connection is gone has no socket any more, although the types say so. */
function remoteAddressOf(request: Request): string | undefined {
  return (request.socket as Request['socket'] | null)?.remoteAddress;
}

/** An error of Aegis: the payload may be fine, so the sender is asked to send it again. */
function fail(ports: IngestHandlerPorts, context: RequestContext, error: unknown): void {
  ports.log.failed(context.source, error);
  answer(ports, context, 503, { reason: 'NotStored', message: 'the alerts could not be stored; send this again' });
}

function answer(
  ports: IngestHandlerPorts,
  { request, response, source }: RequestContext,
  status: number,
  body: object,
): void {
  ports.metrics.requests.inc({ source, code: String(status) });
  const text = `${JSON.stringify(body)}\n`;
  if (status === 503) response.setHeader('retry-after', retryAfter);
  if (!request.complete) linger(request, response);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
