import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { RequestLimiter, Slot } from '../http/load-limits.ts';
import { Refusal } from '../http/refusal.ts';
import { decide, type Decision } from './decide.ts';
import { readJson, send, statusOf } from './request-body.ts';
import type { ValidatedKind } from './validator.ts';
import type { AdmissionMetrics } from './metrics.ts';
import { readReview, type AdmissionRequest } from './review.ts';
import { budgetOf } from './timeout.ts';

/** Dependencies of the HTTP handler of admission. */
export interface AdmissionPorts {
  /** By path. */
  readonly kinds: ReadonlyMap<string, ValidatedKind>;
  readonly limiter: RequestLimiter;
  readonly metrics: AdmissionMetrics;
  readonly logger: Pick<Logger, 'info' | 'error' | 'debug'>;
  readonly clock: Clock;
}

/**
 * Creates the listener for reviews of `admission.k8s.io/v1`. It needs no authentication: nothing is changed, and an answer
 * reveals only what the sender put into the review, and the rights of the user named in it.
 */
export function createListener(ports: AdmissionPorts): RequestListener {
  return (request, response) => {
    void serve(ports, request, response);
  };
}

async function serve(ports: AdmissionPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = ports.clock.monotonicMs();
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const kind = ports.kinds.get(path);
  const resource = kind?.type.plural ?? '';
  const seconds = (): number => (ports.clock.monotonicMs() - started) / 1_000;
  response.on('error', () => undefined);
  try {
    using slot = ports.limiter.enter();
    const signal = AbortSignal.timeout(budgetOf(new URLSearchParams(query)));
    const { asked, review } = await read(kind, request, slot, signal);
    const decision = await decide(asked, review, signal);
    ports.metrics.observe({ resource, operation: review.operation, result: decision.result }, seconds());
    log(ports, resource, review, decision);
    send(request, response, 200, decision.answer);
  } catch (error) {
    ports.metrics.observe({ resource, operation: '', result: 'unreadable' }, seconds());
    const refusal =
      error instanceof Refusal ? error : new Refusal(400, 'BodyUnreadable', 'the review cannot be parsed');
    // At debug level: any client can send these, in any number.
    if (error instanceof Refusal) ports.logger.debug({ resource, reason: refusal.reason }, 'Request refused');
    else ports.logger.error({ err: error, resource }, 'Could not read a review');
    send(request, response, refusal.status, statusOf(refusal));
  }
}

/** @throws Refusal */
async function read(
  kind: ValidatedKind | undefined,
  request: IncomingMessage,
  slot: Slot,
  signal: AbortSignal,
): Promise<{ asked: ValidatedKind; review: AdmissionRequest }> {
  if (kind === undefined) throw new Refusal(404, 'NotFound', 'no webhook exists at this path');
  if (request.method !== 'POST') throw new Refusal(405, 'MethodNotAllowed', 'reviews must be sent by POST');
  const review = readReview(await readJson(request, slot, signal));
  if (review === undefined) {
    throw new Refusal(
      400,
      'BodyUnreadable',
      'the body must be an AdmissionReview of admission.k8s.io/v1 with a request',
    );
  }
  const { group, version, plural } = kind.type;
  const { resource } = review;
  if (resource.group !== group || resource.version !== version || resource.resource !== plural) {
    throw new Refusal(
      400,
      'BodyUnreadable',
      `this path is for ${plural}.${version}.${group}, but the review is about another resource`,
    );
  }
  return { asked: kind, review };
}

/** Logs a refusal or failure. Never content of the object, which may be confidential. */
function log({ logger }: AdmissionPorts, resource: string, review: AdmissionRequest, decision: Decision): void {
  if (decision.result === 'allowed') return;
  const { operation, namespace, name, user, uid, dryRun } = review;
  const fields = {
    resource,
    operation,
    namespace: namespace.slice(0, 63),
    name: name.slice(0, 253),
    user: user.name.slice(0, 256),
    uid,
    dryRun,
  };
  if (decision.result === 'refused') logger.info({ ...fields, problems: decision.problems }, 'Object refused');
  else logger.error({ ...fields, err: decision.error }, 'Could not validate an object');
}
