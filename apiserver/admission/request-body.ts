import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Status } from '../kubeapi/status.ts';
import { linger } from '../http/linger.ts';
import { checkContentType, parseJson, readBody } from '../http/body.ts';
import type { Slot } from '../http/load-limits.ts';
import type { Refusal } from '../http/refusal.ts';
import type { AdmissionReviewResponse } from './response.ts';

/** Bytes. Object and old object of at most 3 MiB each, and the rest of the review. */
export const maxBody = 8 * 1024 * 1024;

/**
 * Reads a JSON body. Destroys the request when the signal aborts.
 *
 * @throws Refusal
 */
export async function readJson(request: IncomingMessage, slot: Slot, signal: AbortSignal): Promise<unknown> {
  checkContentType(request.headers['content-type'], ['application/json']);
  const cut = (): void => {
    request.destroy();
  };
  signal.addEventListener('abort', cut, { once: true });
  try {
    return parseJson(await readBody(request, slot, maxBody));
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

const reasons: Readonly<Record<number, string>> = {
  404: 'NotFound',
  405: 'MethodNotAllowed',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  503: 'ServiceUnavailable',
};

/** Returns the Status of a request that is not decided; the failure policy of the webhook then decides. */
export function statusOf({ status: code, message }: Refusal): Status {
  const reason = reasons[code] ?? 'BadRequest';
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

/** Sends an answer, unless the client has disconnected. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  code: number,
  answer: AdmissionReviewResponse | Status,
): void {
  if (response.destroyed) return;
  const text = JSON.stringify(answer);
  if (!request.complete) linger(request, response);
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    // With this header the API server retries within its timeout.
    ...(code === 503 ? { 'retry-after': '1' } : {}),
    ...(code === 405 ? { allow: 'POST' } : {}),
  });
  response.end(text);
}
