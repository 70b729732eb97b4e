import type { IncomingMessage, ServerResponse } from 'node:http';
import { exceedsComplexity } from './json-complexity.ts';
import { tooLarge, unsupportedMediaType } from '../../kubeapi/refusals.ts';
import { badRequest } from '../../kubeapi/status.ts';

/** Bytes; the limit of kube-apiserver for its own requests. */
export const maxBody = 3 * 1024 * 1024;

/** More than any valid request has. Parsing more would block the process for too long. */
const maxEntries = 5_000;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a body as JSON; an empty one is `{}`. Without a content type it is JSON, because `kubectl create --raw` sends
 * none.
 *
 * @throws StatusError
 */
export async function readBody(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  checkHeaders(request);
  if (request.headers.expect !== undefined) response.writeContinue();
  const bytes = await readBytes(request);
  if (exceedsComplexity(bytes, maxEntries))
    throw badRequest(`the body of the request has more than ${maxEntries} entries`);
  const text = textOf(bytes);
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest('the body of the request is not JSON');
  }
}

function checkHeaders({ headers }: IncomingMessage): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && type !== 'application/json') {
    throw unsupportedMediaType('the body of the request must be application/json, or have no content type');
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    throw unsupportedMediaType('the body of the request must not be compressed');
  }
  if (Number(headers['content-length'] ?? 0) > maxBody) throw tooLarge(maxBody);
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The connection stays open: the answer is still to be sent over it.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBody) break;
      chunks.push(chunk);
    }
  } catch {
    throw badRequest('the body of the request ended early');
  }
  if (size > maxBody) throw tooLarge(maxBody);
  return Buffer.concat(chunks);
}

function textOf(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badRequest('the body of the request is not UTF-8');
  }
}

/** Returns whether a request has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
