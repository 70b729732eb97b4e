import type { Logger } from '../../../lib/logger.ts';
import type { RequestContext } from './request-context.ts';
import type { RequestInfo } from '../../kubeapi/request-info.ts';

/**
 * A name that a client chose, at a length that a log line can bear and without what a terminal would obey or hide: control
 * characters, line separators, and marks that turn the direction of writing.
 */
function short(text: string): string {
  const cut = text.length > 256 ? `${text.slice(0, 256)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Tells what came of a request; `code` is 499 when the caller was gone before the answer. */
export type AccessLog = (context: RequestContext, code: number, ms: number) => void;

/**
 * One line for each request: who asked for what, and what came of it. Never headers, bodies, names of groups or values
 * of the query.
 */
export function createAccessLog(logger: Logger): AccessLog {
  // The fields are those below and none is a secret: looking for some takes longer than the rest of the line.
  const lines = logger.child({}, { redact: [] });
  return (context, code, ms) => {
    const { info } = context;
    const level = info?.isResourceRequest === false && code < 400 ? 'debug' : 'info';
    lines[level](fieldsOf(context, code, ms), 'Request');
  };
}

function fieldsOf(
  { info, user, decision, dryRun, auditId, traceId, request }: RequestContext,
  code: number,
  ms: number,
) {
  return {
    ...(user === undefined ? {} : { user: short(user.name), groups: user.groups.length }),
    verb: info?.verb ?? short(request.method ?? ''),
    ...aboutOf(info),
    ...(dryRun ? { dryRun } : {}),
    code,
    ms: Math.round(ms * 10) / 10,
    ...(decision === undefined ? {} : { decision }),
    auditID: auditId,
    ...(traceId === '' ? {} : { traceID: traceId }),
  };
}

function aboutOf(info: RequestInfo | undefined): object {
  if (info === undefined) return {};
  const { isResourceRequest, path, resource, subresource, namespace, name } = info;
  if (!isResourceRequest) return { path: short(path) };
  return {
    resource: short(resource),
    subresource: short(subresource),
    namespace: short(namespace),
    name: short(name),
  };
}
