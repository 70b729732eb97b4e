import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { parseJsonBytes } from '../../lib/json.ts';
import type { Slot } from './load-limits.ts';
import { Refusal } from './refusal.ts';

/**
 * Reads a body of at most `limit` bytes, compressed and decompressed.
 *
 * @throws Refusal
 */
export async function readBody(request: IncomingMessage, slot: Slot, limit: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  const { stream, release } = decoded(request, limit);
  try {
    // The connection stays open: the answer is still to be sent over it.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      slot.takeBytes(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (!request.complete) throw new Refusal(400, 'BodyIncomplete', 'the body ended early');
    throw new Refusal(400, 'BodyUnreadable', 'the body cannot be decompressed');
  } finally {
    release();
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

interface Decoded {
  stream: Readable;
  /** Detaches the decoder from the request, which may continue. */
  release: () => void;
}

function decoded(request: IncomingMessage, limit: number): Decoded {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return { stream: request, release: () => undefined };
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    throw new Refusal(415, 'ContentEncodingNotSupported', 'the content encoding must be gzip, deflate or identity');
  }
  const decoder = encoding === 'gzip' ? createGunzip() : createInflate();
  let received = 0;
  const count = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > limit) decoder.destroy(tooLarge(limit));
  };
  const abort = (): void => {
    decoder.destroy(new Error('the request ended early'));
  };
  // The iteration reports errors; after its end there is no other listener.
  decoder.on('error', () => undefined);
  request.on('data', count).on('error', abort).on('aborted', abort).pipe(decoder);
  return {
    stream: decoder,
    release: () => {
      request.unpipe(decoder).off('data', count).off('error', abort).off('aborted', abort);
      decoder.destroy();
    },
  };
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, 'BodyTooLarge', `the body is larger than ${limit} bytes`);
}

/**
 * Parses a body as JSON; see `parseJsonBytes`.
 *
 * @throws Refusal
 */
export function parseJson(body: Buffer): unknown {
  const parsed = parseJsonBytes(body);
  if (parsed.ok) return parsed.value;
  throw new Refusal(400, 'BodyUnreadable', parsed.reason);
}

/**
 * Checks the media type; charset and other parameters are ignored.
 *
 * @throws Refusal
 */
export function checkContentType(header: string | undefined, accepted: readonly string[] | 'any'): void {
  if (accepted === 'any') return;
  const type = header?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '' || accepted.includes(type)) return;
  throw new Refusal(
    415,
    'ContentTypeNotSupported',
    `the content type must be one of ${accepted.join(', ')}, or absent`,
  );
}
