import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestInfo } from '../../kubeapi/request-info.ts';
import type { User } from '../../../kube/user.ts';

/** State of one request. */
export interface RequestContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Correlates this request with the audit log of kube-apiserver. */
  readonly auditId: string;
  /** Of the W3C trace context; empty when there is none. */
  readonly traceId: string;
  /** Milliseconds of the monotonic clock. */
  readonly started: number;
  info?: RequestInfo;
  user?: User;
  /** Result of the access review. */
  decision?: 'allow' | 'forbid' | 'unknown';
  dryRun: boolean;
}

export function createRequestContext(
  request: IncomingMessage,
  response: ServerResponse,
  started: number,
): RequestContext {
  const auditId = headerOf(request, 'audit-id');
  const [, traceId = ''] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(headerOf(request, 'traceparent')) ?? [];
  return {
    request,
    response,
    auditId: /^[\w.:-]{1,64}$/.test(auditId) ? auditId : randomUUID(),
    traceId,
    started,
    dryRun: false,
  };
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
