import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { ApiError, errorOfStatus } from './api-error.ts';
import { lines } from './lines.ts';
import { selectionQuery, type Selection } from './list.ts';
import { collectionPath } from './paths.ts';
import type { RequestOptions, RestClient } from './rest.ts';

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** No change up to that resourceVersion. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WatchOptions extends Selection, Omit<RequestOptions, 'timeoutMs'> {
  /** Version after which the watch begins. */
  readonly resourceVersion: string;
  /** Seconds after which the API server ends the watch. */
  readonly timeoutSeconds?: number;
  /** Milliseconds; see {@link defaultIdleTimeoutMs}. */
  readonly idleTimeoutMs?: number;
}

/**
 * The API server sends a bookmark each minute, so a longer gap means a half-open connection (a node that disappeared, a load
 * balancer that dropped it). Without bookmarks, an idle watch reconnects.
 */
export const defaultIdleTimeoutMs = 150_000;

interface RawEvent {
  readonly type?: unknown;
  readonly object?: KubeObject;
}

/**
 * Watches a kind. Ends when the API server ends the watch, which is normal.
 *
 * @throws ApiError for any other end, ERROR events included; the reason of a signal that aborted
 */
export async function* watch<T extends KubeObject>(
  rest: RestClient,
  type: ResourceType<T>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  const {
    resourceVersion,
    timeoutSeconds,
    idleTimeoutMs = defaultIdleTimeoutMs,
    signal,
    headers,
    impersonate,
  } = options;
  const stream = await rest.stream({
    method: 'GET',
    path: collectionPath(type, options.namespace),
    query: { ...selectionQuery(options), watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
    signal,
    headers,
    impersonate,
    idleTimeoutMs,
    label: { verb: 'watch', resource: type.plural },
  });
  for await (const line of lines(stream)) yield parseEvent<T>(line);
}

function parseEvent<T extends KubeObject>(line: string): WatchEvent<T> {
  const { type, object } = parseLine(line);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (object?.metadata === undefined) throw invalidEvent();
      return { type, object: object as T };
    case 'BOOKMARK':
      if (object?.metadata.resourceVersion === undefined) throw invalidEvent();
      return { type, resourceVersion: object.metadata.resourceVersion };
    case 'ERROR':
      throw errorOfStatus(object ?? {});
    default:
      throw invalidEvent();
  }
}

function parseLine(line: string): RawEvent {
  try {
    return (JSON.parse(line) ?? {}) as RawEvent;
  } catch (cause) {
    throw invalidEvent(cause);
  }
}

function invalidEvent(cause?: unknown): ApiError {
  return new ApiError({
    status: 0,
    reason: 'InvalidAnswer',
    message: 'the watch returned a line that is not an event',
    retry: { kind: 'retryable' },
    cause,
  });
}
