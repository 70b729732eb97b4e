import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { ParseContext, ParsedPayload, TruncatedGroup } from '../../../alerts/incoming.ts';
import type { Authentication, RequestHeaders, SenderSecrets, Source } from '../../../alerts/sources/source.ts';
import type { Clock } from '../../../lib/clock.ts';
import { withinDeadline } from '../../../lib/deadline.ts';
import { hangUp } from '../../http/linger.ts';
import { answerOf } from './answer.ts';
import { checkContentType, readBody } from '../../http/body.ts';
import type { DeadLetter } from '../dead-letters/dead-letters.ts';
import type { Guard, Place } from '../../http/load-limits.ts';
import type { Intake } from '../intake.ts';
import type { IngestMetrics } from '../metrics.ts';
import { Refusal } from '../../http/refusal.ts';
import type { RequestLog } from './request-log.ts';

/** What the HTTP door of the ingest needs. */
export interface DoorPorts {
  sources: readonly Source[];
  /** By source. */
  secrets: ReadonlyMap<string, SenderSecrets>;
  guard: Guard;
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

/** Seconds after which a sender that was turned away should come again. */
const retryAfter = '5';

/** `POST` of alerts on the paths of all sources; everything else is an error in JSON. */
export function createDoor(ports: DoorPorts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  for (const source of ports.sources) {
    for (const path of source.paths) {
      app.post(path, (request, response) => serve(ports, source, { request, response, source: source.name }));
      app.all(path, (request, response) => {
        response.setHeader('allow', 'POST');
        const refusal = new Refusal(405, 'MethodNotAllowed', 'alerts are sent by POST');
        refuse(ports, { request, response, source: source.name }, refusal);
      });
    }
  }
  const paths = ports.sources.flatMap((source) => source.paths).join(', ');
  app.use((request, response) => {
    const refusal = new Refusal(404, 'NotFound', `alerts are sent to one of ${paths}`);
    refuse(ports, { request, response, source: '' }, refusal);
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else fail(ports, { request, response, source: '' }, error);
  });
  return app;
}

interface Exchange {
  request: Request;
  response: Response;
  /** Its name; empty when the path belongs to none. */
  source: string;
}

async function serve(ports: DoorPorts, source: Source, exchange: Exchange): Promise<void> {
  const started = ports.clock.monotonicMs();
  try {
    const { headers, url } = exchange.request;
    const tenant = namespaceOf(url) ?? ports.defaultNamespace;
    using body = new RequestBody(ports, source, exchange.request);
    const request = { headers, namespace: tenant, raw: () => body.raw() };
    const authentication = await source.authenticate(request, ports.secrets.get(source.name));
    if (!authentication.ok) throw unauthenticated(authentication);
    const { status, body: answerBody } = await take(ports, source, { tenant, headers, content: await body.raw() });
    answer(ports, exchange, status, answerBody);
  } catch (error) {
    if (error instanceof Refusal) refuse(ports, exchange, error);
    else fail(ports, exchange, error);
  } finally {
    ports.metrics.duration.observe({ source: source.name }, (ports.clock.monotonicMs() - started) / 1000);
  }
}

/** The body of a request, read when it is first needed; disposing gives its slot back. */
class RequestBody implements Disposable {
  readonly #ports: DoorPorts;
  readonly #source: Source;
  readonly #request: Request;
  #slot: Place | undefined;
  #bytes: Promise<Buffer> | undefined;

  constructor(ports: DoorPorts, source: Source, request: Request) {
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
    this.#slot = this.#ports.guard.enterRequest();
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
interface Received {
  tenant: string;
  headers: RequestHeaders;
  content: Buffer;
}

async function take(ports: DoorPorts, source: Source, received: Received) {
  const { tenant, content } = received;
  const deadline = AbortSignal.timeout(ports.budgetMs);
  const { alerts, truncated } = await parse(ports, source, received, deadline);
  const leave = ports.guard.enterAlerts(tenant, alerts.length);
  try {
    if (truncated !== undefined) ports.onTruncated(truncated, tenant);
    return answerOf(await ports.intake.take({ source: source.name, alerts, tenant, content }, deadline));
  } finally {
    leave();
  }
}

/** @throws Refusal when the payload can never be read, after storing it as a dead letter; UnavailableError */
async function parse(
  ports: DoorPorts,
  source: Source,
  { headers, content }: Received,
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
  { context }: DoorPorts,
  source: Source,
  { headers, content }: Omit<Received, 'tenant'>,
  signal: AbortSignal,
): Promise<ParsedPayload> {
  const read = await source.read(content, headers);
  return read.ok ? source.parse(read.body, { nodeOf: (host) => context.nodeOf(host), signal }) : read;
}

function namespaceOf(url: string): string | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  const namespace = new URLSearchParams(url.slice(query)).get('namespace');
  return namespace === null || namespace === '' ? undefined : namespace.slice(0, 253).toWellFormed();
}

function refuse(ports: DoorPorts, exchange: Exchange, { status, reason, message }: Refusal): void {
  const { request, response, source } = exchange;
  ports.metrics.rejected.inc({ source, reason });
  ports.log.refused({ source, status, reason, from: remoteAddressOf(request) });
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  answer(ports, exchange, status, { reason, message });
}

/** A request whose connection is gone has no socket any more, whatever the types say. */
function remoteAddressOf(request: Request): string | undefined {
  return (request.socket as Request['socket'] | null)?.remoteAddress;
}

/** A defect of ours; the payload may well be fine, so the sender is asked to come again. */
function fail(ports: DoorPorts, exchange: Exchange, error: unknown): void {
  ports.log.failed(exchange.source, error);
  answer(ports, exchange, 503, { reason: 'NotStored', message: 'the alerts could not be stored; send this again' });
}

function answer(ports: DoorPorts, { request, response, source }: Exchange, status: number, body: object): void {
  ports.metrics.requests.inc({ source, code: String(status) });
  const text = `${JSON.stringify(body)}\n`;
  if (status === 503) response.setHeader('retry-after', retryAfter);
  if (!request.complete) hangUp(request, response);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
