import { apiVersionOf, type KubeObject, type ObjectMeta, type ResourceType } from '../../crds/object.ts';
import { isNotFound } from './api-error.ts';
import { listPages, type ListOptions, type ListPage } from './list.ts';
import { collectionPath, objectPath } from './paths.ts';
import type { Query, RequestOptions, RestClient, RestRequest } from './rest.ts';
import { watch, type WatchEvent, type WatchOptions } from './watch.ts';

/** Names one object; the metadata of any object will do. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface WriteOptions extends RequestOptions {
  readonly dryRun?: boolean;
  /** Owner of the change, for `metadata.managedFields`. */
  readonly fieldManager?: string;
  /** Return only the object's metadata, which is less work for both sides. Default false. */
  readonly metadataOnly?: boolean;
}

export interface PatchOptions extends WriteOptions {
  readonly subresource?: 'status';
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take over fields of other managers instead of failing with a conflict. Default false. */
  readonly force?: boolean;
}

export interface DeleteOptions extends RequestOptions {
  readonly dryRun?: boolean;
  /** Delete only the object with this UID: else a conflict. */
  readonly uid?: string | undefined;
  /** Delete it only if unchanged: else a conflict. */
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

/** RFC 6902. */
export type JsonPatch = readonly (
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
)[];

/** RFC 7386. */
export type MergePatch = Readonly<Record<string, unknown>>;

/**
 * The object to apply: metadata and the fields that the field manager owns. With `uid` or `resourceVersion` it applies to
 * that object or version only: else a conflict.
 */
export type Applied<T extends KubeObject> = Partial<Omit<T, 'metadata' | 'apiVersion' | 'kind'>> & {
  readonly metadata: ObjectMeta;
};

/** Reads and writes objects of one kind. All throw {@link ApiError}, or the reason of a signal that aborted. */
export interface ResourceClient<T extends KubeObject> {
  readonly type: ResourceType<T>;
  get(key: ObjectKey, options?: RequestOptions): Promise<T>;
  /** As `get`, but undefined if the object does not exist. A resource that is not served is still an error. */
  find(key: ObjectKey, options?: RequestOptions): Promise<T | undefined>;
  /** Reads all objects in pages of one consistent version. */
  list(options?: ListOptions): Promise<{ items: T[]; resourceVersion: string }>;
  /** As `list`, page by page. */
  listPages(options?: ListOptions): AsyncGenerator<ListPage<T>>;
  create(object: T, options?: WriteOptions): Promise<T>;
  /** Overwrites; with its resourceVersion only if unchanged: else a conflict. */
  replace(object: T, options?: WriteOptions): Promise<T>;
  /** An array is a JSON patch, an object a merge patch. */
  patch(key: ObjectKey, patch: JsonPatch | MergePatch, options?: PatchOptions): Promise<T>;
  /** Server-side apply; creates the object if there is none. */
  apply(object: Applied<T>, options: ApplyOptions): Promise<T>;
  /** Server-side apply of the status; never creates. */
  applyStatus(object: Applied<T>, options: ApplyOptions): Promise<T>;
  /** Resolves to false if the object did not exist. */
  delete(key: ObjectKey, options?: DeleteOptions): Promise<boolean>;
  watch(options: WatchOptions): AsyncGenerator<WatchEvent<T>>;
}

/** Returns the client of one kind. */
export function resources<T extends KubeObject>(rest: RestClient, type: ResourceType<T>): ResourceClient<T> {
  const send = async (verb: string, request: RestRequest): Promise<T> =>
    (await rest.request({ ...request, label: { verb, resource: type.plural } })) as T;
  const get = (key: ObjectKey, options?: RequestOptions): Promise<T> =>
    send('get', { method: 'GET', path: objectPath(type, key), ...sending(options) });
  const body = (object: object) => ({ ...object, apiVersion: apiVersionOf(type), kind: type.kind });
  const apply = (object: Applied<T>, options: ApplyOptions, subresource?: string): Promise<T> =>
    send(subresource === undefined ? 'apply' : `apply_${subresource}`, {
      method: 'PATCH',
      path: objectPath(type, object.metadata, subresource),
      query: { ...writeQuery(options), force: options.force ?? false },
      // JSON is YAML.
      contentType: 'application/apply-patch+yaml',
      body: body(object),
      accept: accepted(options),
      ...sending(options),
    });

  return {
    type,
    get,
    find: async (key, options) => {
      try {
        return await get(key, options);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    list: async (options) => {
      const items: T[] = [];
      let resourceVersion = '';
      for await (const page of listPages(rest, type, options)) {
        items.push(...page.items);
        resourceVersion = page.resourceVersion;
      }
      return { items, resourceVersion };
    },
    listPages: (options) => listPages(rest, type, options),
    create: (object, options) =>
      send('create', {
        method: 'POST',
        path: collectionPath(type, requiredNamespace(type, object)),
        query: writeQuery(options),
        body: body(object),
        accept: accepted(options),
        ...sending(options),
      }),
    replace: (object, options) =>
      send('replace', {
        method: 'PUT',
        path: objectPath(type, object.metadata),
        query: writeQuery(options),
        body: body(object),
        ...sending(options),
      }),
    patch: (key, patch, options) =>
      send('patch', {
        method: 'PATCH',
        path: objectPath(type, key, options?.subresource),
        query: writeQuery(options),
        contentType: Array.isArray(patch) ? 'application/json-patch+json' : 'application/merge-patch+json',
        body: patch,
        ...sending(options),
      }),
    apply: (object, options) => apply(object, options),
    applyStatus: (object, options) => apply(object, options, 'status'),
    delete: async (key, options) => {
      try {
        await send('delete', {
          method: 'DELETE',
          path: objectPath(type, key),
          query: writeQuery(options),
          body: deleteOptions(options),
          ...sending(options),
        });
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    watch: (options) => watch(rest, type, options),
  };
}

function sending({ signal, timeoutMs, headers, impersonate }: RequestOptions = {}): RequestOptions {
  return { signal, timeoutMs, headers, impersonate };
}

const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

function accepted({ metadataOnly: suffices = false }: WriteOptions = {}): string | undefined {
  return suffices ? metadataOnly : undefined;
}

function writeQuery({ dryRun = false, fieldManager }: WriteOptions = {}): Query {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager };
}

function requiredNamespace(type: ResourceType, { metadata }: KubeObject): string | undefined {
  if (type.namespaced && !metadata.namespace) throw new Error(`${type.kind} without namespace`);
  return metadata.namespace;
}

function deleteOptions({ uid, resourceVersion, propagationPolicy, gracePeriodSeconds }: DeleteOptions = {}): object {
  const preconditions = { uid, resourceVersion };
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(uid === undefined && resourceVersion === undefined ? {} : { preconditions }),
    propagationPolicy,
    gracePeriodSeconds,
  };
}
