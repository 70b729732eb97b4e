import type { IncomingMessage, ServerResponse } from 'node:http';
import { linger } from '../../http/linger.ts';
import { hasBody } from './body.ts';
import type { RequestContext } from './request-context.ts';
import type { Status } from '../../kubeapi/status.ts';

/** An answer. */
export interface Reply {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
}

/** @param warnings shown by kubectl */
export function jsonReply(code: number, object: object, warnings: readonly string[] = []): Reply {
  return {
    code,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      ...(warnings.length === 0 ? {} : { warning: warnings.slice(0, maxWarnings).map(warningHeader) }),
    },
    body: `${JSON.stringify(object)}\n`,
  };
}

export function statusReply(status: Status): Reply {
  const { headers, ...reply } = jsonReply(status.code, status);
  const { retryAfterSeconds } = status.details ?? {};
  return {
    ...reply,
    headers: { ...headers, ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }) },
  };
}

/** Sends the reply, once. Discards the rest of a body that was not read. */
export function send({ request, response, auditId }: RequestContext, reply: Reply, lastOfConnection: boolean): void {
  if (response.headersSent || response.destroyed) return;
  if (hasBody(request) && !request.complete) discardBody(request, response);
  const { code, headers, body } = reply;
  const bytes = Buffer.byteLength(body);
  // Node sends headers in the encoding of a string body. Headers are Latin-1 here: warnings hold UTF-8 bytes as such.
  const content = typeof body === 'string' && bytes > body.length ? Buffer.from(body) : body;
  response.writeHead(code, {
    'audit-id': auditId,
    'x-content-type-options': 'nosniff',
    ...headers,
    // A 304 has no body and no length.
    ...(code === 304 ? {} : { 'content-length': bytes }),
    ...(lastOfConnection ? { connection: 'close' } : {}),
  });
  response.end(code === 304 ? undefined : content, 'latin1');
}

/** Maximum bytes of a body that are read and discarded, so that the connection can be used again. */
const maxDiscarded = 64 * 1024;

function discardBody(request: IncomingMessage, response: ServerResponse): void {
  const { expect, 'content-length': length } = request.headers;
  // A client that waits for 100-continue never sends the body.
  if (expect === undefined && length !== undefined && Number(length) <= maxDiscarded) request.resume();
  else linger(request, response);
}

const maxWarnings = 16;
const maxWarning = 256;

/** Returns a `Warning` header: one line, quoted; bytes beyond ASCII are UTF-8. */
function warningHeader(text: string): string {
  const plain = text
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .toWellFormed()
    .slice(0, maxWarning);
  const quoted = plain.replaceAll(/["\\]/g, (character) => `\\${character}`);
  return Buffer.from(`299 - "${quoted}"`, 'utf8').toString('latin1');
}
