import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { ParseContext, ParsedPayload, TruncatedGroup } from '../../../alerts/incoming.ts';
import type { Source } from '../../../alerts/sources/source.ts';
import type { Clock } from '../../../lib/clock.ts';
import { hangUp } from '../../http/linger.ts';
import { answerOf } from './answer.ts';
import { checkContentType, parseJson, readBody } from '../../http/body.ts';
import type { DeadLetter } from '../dead-letters/dead-letters.ts';
import type { Guard } from '../../http/load-limits.ts';
import type { Intake } from '../intake.ts';
import type { IngestMetrics } from '../metrics.ts';
import { Refusal } from '../../http/refusal.ts';
import type { RequestLog } from './request-log.ts';
import type { Tokens } from './tokens.ts';

/** What the HTTP door of the ingest needs. */
export interface DoorPorts {
  sources: readonly Source[];
  /** By source; a source without an entry is open. */
  tokens: ReadonlyMap<string, Tokens>;
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
    await ports.tokens.get(source.name)?.authorise(headers.authorization, tenant);
    using place = ports.guard.enterRequest();
    checkContentType(headers['content-type'], source.contentTypes);
    const bytes = await readBody(exchange.request, place, ports.maxBody);
    const { status, body } = await take(ports, source, tenant, bytes);
    answer(ports, exchange, status, body);
  } catch (error) {
    if (error instanceof Refusal) refuse(ports, exchange, error);
    else fail(ports, exchange, error);
  } finally {
    ports.metrics.duration.observe({ source: source.name }, (ports.clock.monotonicMs() - started) / 1000);
  }
}

async function take(ports: DoorPorts, source: Source, tenant: string, content: Buffer) {
  const deadline = AbortSignal.timeout(ports.budgetMs);
  const { alerts, truncated } = read(ports, source, content);
  const leave = ports.guard.enterAlerts(tenant, alerts.length);
  try {
    if (truncated !== undefined) ports.onTruncated(truncated, tenant);
    return answerOf(await ports.intake.take({ source: source.name, alerts, tenant, content }, deadline));
  } finally {
    leave();
  }
}

/** @throws Refusal, after keeping what nobody can ever read */
function read(ports: DoorPorts, source: Source, bytes: Buffer): Extract<ParsedPayload, { ok: true }> {
  try {
    const payload = source.parse(parseJson(bytes), ports.context);
    if (payload.ok) return payload;
    throw new Refusal(400, 'BodyUnreadable', payload.reason);
  } catch (error) {
    if (error instanceof Refusal) {
      const content = bytes.toString('utf8', 0, 4096);
      ports.keepDeadLetter({ source: source.name, reason: error.reason, message: error.message, content });
    }
    throw error;
  }
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
