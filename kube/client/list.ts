import { apiVersionOf, type KubeObject, type ResourceType } from '../../crds/object.ts';
import { collectionPath } from './paths.ts';
import type { Query, RequestOptions, RestClient } from './rest.ts';

/** Selects objects of a kind. */
export interface Selection {
  /** Default: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** `timeoutMs` is for each page, 30,000 by default. */
export interface ListOptions extends Selection, RequestOptions {
  /** Objects per page; default 500. */
  readonly limit?: number;
}

/** One page of a list. */
export interface ListPage<T extends KubeObject> {
  readonly items: T[];
  /** Version of the whole list, equal on all pages. A watch from it misses no change. */
  readonly resourceVersion: string;
}

/** Items of built-in kinds have no apiVersion and kind. */
type ListedItem<T> = Omit<T, 'apiVersion' | 'kind'>;

interface ListAnswer<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: ListedItem<T>[] | null;
}

/** Returns the query of a selection. */
export function selectionQuery({ labelSelector, fieldSelector }: Selection): Query {
  return { labelSelector, fieldSelector };
}

/**
 * Reads all objects in pages; each item has its apiVersion and kind.
 *
 * @throws ApiError; 410 when reading took so long that the version of the first page expired
 */
export async function* listPages<T extends KubeObject>(
  rest: RestClient,
  type: ResourceType<T>,
  options: ListOptions = {},
): AsyncGenerator<ListPage<T>> {
  const { limit = 500, signal, timeoutMs = 30_000, headers, impersonate } = options;
  const typeMeta = { apiVersion: apiVersionOf(type), kind: type.kind };
  let next: string | undefined;
  let state: string | undefined;
  do {
    const { metadata, items } = (await rest.request({
      method: 'GET',
      path: collectionPath(type, options.namespace),
      query: { ...selectionQuery(options), limit, continue: next },
      signal,
      timeoutMs,
      headers,
      impersonate,
      label: { verb: 'list', resource: type.plural },
    })) as ListAnswer<T>;
    state ??= metadata.resourceVersion;
    yield { items: (items ?? []).map((item) => Object.assign(item, typeMeta) as unknown as T), resourceVersion: state };
    next = metadata.continue;
  } while (next);
}
