import type { Logger } from '../../../lib/logger.ts';
import type { RequestContext } from './request-context.ts';
import type { RequestInfo } from '../../kubeapi/request-info.ts';

/**
 * Returns a name that a client chose, shortened and without characters that a terminal would interpret or hide: control
 * characters, line separators, and marks that change the direction of writing.
 */
function short(text: string): string {
  const cut = text.length > 256 ? `${text.slice(0, 256)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Logs a request; `code` is 499 when the caller disconnected before the answer. */
export type AccessLog = (context: RequestContext, code: number, ms: number) => void;

/**
 * Creates a log with one line for each request: user, attributes and result. Never headers, bodies, names of groups or
 * values of the query.
 */
export function createAccessLog(logger: Logger): AccessLog {
  // None of the fields below is a secret; redaction would take longer than the rest of the line.
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
