import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Check } from '../../../process/checks.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { createAccessLog, type AccessLog } from './access-log.ts';
import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import type { Authenticator } from '../authn/authenticator.ts';
import type { Documents } from './documents.ts';
import { createRequestContext, type RequestContext } from './request-context.ts';
import { health, isHealthPath } from './health.ts';
import type { Concurrency } from './limits.ts';
import type { ApiMetrics } from '../metrics.ts';
import { CallerGoneError, serveResource, type OperationPorts } from './operation.ts';
import {
  expectationFailed,
  internalError,
  methodNotAllowed,
  notAcceptable,
  tooManyRequests,
  unavailable,
} from '../../kubeapi/refusals.ts';
import { parseRequestInfo, type RequestInfo } from '../../kubeapi/request-info.ts';
import { send, statusReply, type Reply } from './respond.ts';
import { pathNotFound, StatusError } from '../../kubeapi/status.ts';
import type { User } from '../../../kube/user.ts';

export interface HandlerPorts extends OperationPorts {
  readonly documents: Documents;
  readonly authenticator: Authenticator;
  readonly concurrency: Concurrency;
  readonly readyz: readonly Check[];
  readonly metrics: ApiMetrics;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Returns true from the moment that no new request is accepted. */
  draining(): boolean;
}

/** Creates the handler: it answers every request with the object or with a Status, never with a redirect or HTML. */
export function createHandler(ports: HandlerPorts): RequestListener {
  const accessLog = createAccessLog(ports.logger);
  return (request, response) => {
    void serve(ports, accessLog, request, response);
  };
}

/** Never rejects. */
async function serve(
  ports: HandlerPorts,
  accessLog: AccessLog,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const context = createRequestContext(request, response, ports.clock.monotonicMs());
  let code = 500;
  try {
    const reply = await replyTo(ports, context).catch((error: unknown) => replyOf(ports, context, error));
    code = reply?.code ?? 499;
    if (reply === undefined) response.destroy();
    else send(context, reply, ports.draining());
  } catch (error) {
    ports.logger.error({ err: error, auditID: context.auditId }, 'Could not send the answer');
    response.destroy();
  } finally {
    const ms = ports.clock.monotonicMs() - context.started;
    const labels = ports.routes.labels(context.info);
    ports.metrics.requests.inc({ ...labels, code: String(code) });
    ports.metrics.duration.observe(labels, ms / 1_000);
    accessLog(context, code, ms);
  }
}

async function replyTo(ports: HandlerPorts, context: RequestContext): Promise<Reply> {
  const { request } = context;
  const { method = '', url = '' } = request;
  const info = parseRequestInfo(method, url);
  context.info = info;
  if (isHealthPath(info.path)) {
    checkReads(context);
    return health(info.path, ports.readyz);
  }
  if (ports.draining()) {
    ports.metrics.rejected.inc({ reason: 'drain' });
    throw unavailable('the server is shutting down');
  }
  const user = ports.authenticator.authenticate(request);
  context.user = user;
  const { expect } = request.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') throw expectationFailed();
  return info.isResourceRequest ? resource(ports, context, info, user) : document(ports, context, info);
}

async function resource(ports: HandlerPorts, context: RequestContext, info: RequestInfo, user: User): Promise<Reply> {
  if (!info.wellFormed || info.group !== subresourceGroup || info.version !== subresourceVersion) throw pathNotFound();
  if (info.verb === '') throw methodNotAllowed();
  const leave = ports.concurrency.enter(user.name);
  if (typeof leave === 'string') {
    ports.metrics.rejected.inc({ reason: leave });
    const whose = leave === 'user' ? ' of this user' : '';
    throw tooManyRequests(`too many requests${whose} are under way, please try again later`);
  }
  try {
    return await serveResource(ports, context, info, user);
  } finally {
    leave();
  }
}

/** Discovery and OpenAPI are served from memory and not limited: without them the API counts as unavailable. */
function document({ documents }: HandlerPorts, context: RequestContext, info: RequestInfo): Reply {
  const found = documents(info.path, context.request.headers);
  if (found === undefined) throw pathNotFound();
  checkReads(context);
  if (found.status === 406) throw notAcceptable();
  return { code: found.status, headers: found.headers, body: found.body };
}

function checkReads({ request, response }: RequestContext): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  response.setHeader('allow', 'GET, HEAD');
  throw methodNotAllowed();
}

/** Returns the answer for a failure; undefined when the caller has disconnected. */
function replyOf({ logger }: HandlerPorts, { auditId }: RequestContext, error: unknown): Reply | undefined {
  if (error instanceof StatusError) return statusReply(error.status);
  if (error instanceof CallerGoneError) return undefined;
  logger.error({ err: error, auditID: auditId }, 'Request failed');
  return statusReply(internalError(auditId).status);
}
