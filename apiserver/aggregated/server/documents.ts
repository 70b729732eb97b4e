import type { IncomingHttpHeaders } from 'node:http';

/** A precomputed answer: discovery or OpenAPI. */
export interface DocumentAnswer {
  readonly status: 200 | 304 | 406;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/**
 * Returns a discovery or OpenAPI document from memory.
 *
 * @param path decoded, without query
 * @returns undefined when there is no document at the path
 */
export type Documents = (path: string, headers: IncomingHttpHeaders) => DocumentAnswer | undefined;
