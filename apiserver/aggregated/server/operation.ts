import { startDeadline, untilAborted, type Deadline } from '../../../lib/deadline.ts';
import type { Authorizer, ResourceAttributes } from '../../../kube/authorizer.ts';
import type { Answer, Call, Operation } from '../../kubeapi/api.ts';
import { authorize } from '../authz/authorize.ts';
import { readBody } from './body.ts';
import type { RequestContext } from './request-context.ts';
import { notAcceptable, timedOut } from '../../kubeapi/refusals.ts';
import type { RequestInfo } from '../../kubeapi/request-info.ts';
import type { FieldValidation } from './request-object.ts';
import { jsonReply, type Reply } from './respond.ts';
import type { Route, Routes } from './routes.ts';
import { badRequest, StatusError } from '../../kubeapi/status.ts';
import { negotiate } from '../../kubeapi/table.ts';
import type { User } from '../../../kube/user.ts';

/** Dependencies of the handler of a resource. */
export interface OperationPorts {
  readonly routes: Routes;
  readonly authorizer: Authorizer;
  /** Converts an answer to a `meta.k8s.io/v1` Table. */
  readonly toTable: ToTable;
  /** Milliseconds for everything after authentication. */
  readonly operationMs: number;
}

export type ToTable = (operation: Operation, object: object) => object | undefined;

/** The caller has disconnected: no answer is sent. */
export class CallerGoneError extends Error {
  override readonly name = 'CallerGoneError';
}

/**
 * Authorizes, routes, parses and handles a request, in this order: nothing is revealed to and no body is read from a user
 * without the right.
 *
 * @throws StatusError, CallerGoneError, or what a handler throws
 */
export async function serveResource(
  ports: OperationPorts,
  context: RequestContext,
  info: RequestInfo,
  user: User,
): Promise<Reply> {
  const deadline = startDeadline(ports.operationMs);
  let gone: CallerGoneError | undefined;
  const onClose = (): void => {
    gone = new CallerGoneError('the caller has disconnected');
    deadline.abort(gone);
  };
  context.response.once('close', onClose);
  try {
    await authorizeRequest(ports, context, attributesOf(info), { user, deadline });
    const route = routeOf(ports.routes, context, info);
    const representation = negotiate(context.request.headers.accept, route.operation.table !== undefined);
    if (representation === undefined) throw notAcceptable();
    const call = await callOf(context, info, user, { route, deadline });
    const answer = await untilAborted(route.operation.handle(call), deadline.signal);
    const { object } = answer;
    return jsonReply(
      answer.code,
      (representation === 'table' ? ports.toTable(route.operation, object) : undefined) ?? object,
      warningsOf(answer, call),
    );
  } catch (error) {
    if (deadline.expired() && !(error instanceof StatusError)) throw timedOut();
    throw gone ?? error;
  } finally {
    deadline.clear();
    context.response.off('close', onClose);
  }
}

async function authorizeRequest(
  { authorizer }: OperationPorts,
  context: RequestContext,
  attributes: ResourceAttributes,
  { user, deadline }: { user: User; deadline: Deadline },
): Promise<void> {
  try {
    await authorize(authorizer, user, attributes, deadline.signal);
    context.decision = 'allow';
  } catch (error) {
    context.decision = error instanceof StatusError && error.status.code === 403 ? 'forbid' : 'unknown';
    throw error;
  }
}

function attributesOf({
  verb,
  group,
  version,
  resource,
  subresource,
  namespace,
  name,
}: RequestInfo): ResourceAttributes {
  return { verb, group, version, resource, subresource, namespace, name };
}

function routeOf(routes: Routes, { response }: RequestContext, info: RequestInfo): Route {
  const route = routes.find(info);
  if (!('refusal' in route)) return route;
  if (route.allow !== undefined) response.setHeader('allow', route.allow);
  throw route.refusal;
}

interface ReadCall extends Call {
  readonly fieldWarnings: readonly string[];
}

async function callOf(
  context: RequestContext,
  info: RequestInfo,
  user: User,
  { route, deadline }: { route: Route; deadline: Deadline },
): Promise<ReadCall> {
  const { request, response, auditId } = context;
  const { query, namespace, name, verb } = info;
  const writes = verb === 'create';
  context.dryRun = writes && isDryRun(query);
  const about = {
    group: info.group,
    resource: info.resource,
    name,
    kind: route.operation.requestKind ?? route.operation.responseKind,
  };
  const { body, warnings } = writes
    ? route.read(await untilAborted(readBody(request, response), deadline.signal), fieldValidation(query), about)
    : { body: undefined, warnings: [] };
  return {
    user,
    namespace,
    name,
    body,
    query,
    dryRun: context.dryRun,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, 256),
    auditId,
    signal: deadline.signal,
    fieldWarnings: warnings,
  };
}

function warningsOf({ warnings = [] }: Answer, { fieldWarnings }: ReadCall): string[] {
  return [...fieldWarnings, ...warnings];
}

/** @throws StatusError 400 for any other value than `All`: a dry run must never become a real run */
function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun');
  if (values.some((value) => value !== 'All')) throw badRequest('dryRun must be All, or absent');
  return values.length > 0;
}

/**
 * Returns how to treat unknown fields, which are refused by default: dropping a misspelt field would change the meaning of
 * the request.
 */
function fieldValidation(query: URLSearchParams): FieldValidation {
  const value = query.get('fieldValidation') ?? '';
  if (value === '') return 'Strict';
  if (value === 'Ignore' || value === 'Warn' || value === 'Strict') return value;
  throw badRequest('fieldValidation must be Ignore, Warn or Strict');
}
