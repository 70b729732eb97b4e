import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource, Operation, Subresource } from '../../kubeapi/api.ts';
import { methodNotAllowed } from '../../kubeapi/refusals.ts';
import type { RequestInfo } from '../../kubeapi/request-info.ts';
import { requestReader, type RequestReader } from './request-object.ts';
import { pathNotFound, type StatusError } from '../../kubeapi/status.ts';

/** The operation of a request. */
export interface Route {
  readonly resource: ApiResource;
  readonly subresource: Subresource;
  readonly operation: Operation;
  readonly read: RequestReader;
}

/** Why a request has no operation; `allow` names the methods of the path for a 405. */
export interface NoRoute {
  readonly refusal: StatusError;
  readonly allow?: string;
}

/** Finds the operation of a request, by the same attributes that were authorized. */
export interface Routes {
  find(info: RequestInfo): Route | NoRoute;
  /** Returns labels for metrics: only names of the table. */
  labels(info: RequestInfo | undefined): { verb: string; resource: string; subresource: string };
}

/** @throws Error when the table has a subresource of more than one segment or two of one name */
export function createRoutes(resources: readonly ApiResource[]): Routes {
  const table = new Map<string, { resource: ApiResource; subresources: Map<string, Entry> }>();
  for (const resource of resources) {
    if (table.has(resource.name)) throw new Error(`duplicate resource ${resource.name}`);
    table.set(resource.name, { resource, subresources: entriesOf(resource) });
  }
  return {
    find: (info) => {
      const { resource: name, subresource, namespace } = info;
      const known = isOurs(info) ? table.get(name) : undefined;
      if (known === undefined) return { refusal: pathNotFound() };
      const { resource, subresources } = known;
      if (!resource.namespaced && namespace !== '') return { refusal: pathNotFound() };
      if (subresource === '') return { refusal: methodNotAllowed(), allow: '' };
      const entry = subresources.get(subresource);
      if (entry === undefined || resource.namespaced !== (namespace !== '')) return { refusal: pathNotFound() };
      const found = info.verb === 'get' || info.verb === 'create' ? entry[info.verb] : undefined;
      if (found === undefined) return { refusal: methodNotAllowed(), allow: entry.allow };
      return { resource, subresource: entry.subresource, ...found };
    },
    labels: (info) => {
      if (info === undefined) return { verb: 'other', resource: '', subresource: '' };
      const known = isOurs(info) ? table.get(info.resource) : undefined;
      const subresource = known?.subresources.has(info.subresource) ? info.subresource : '';
      const verb = verbs.has(info.verb) ? info.verb : 'other';
      return { verb, resource: known?.resource.name ?? '', subresource };
    },
  };
}

interface Entry {
  readonly subresource: Subresource;
  readonly allow: string;
  readonly get?: Pick<Route, 'operation' | 'read'>;
  readonly create?: Pick<Route, 'operation' | 'read'>;
}

const verbs = new Set(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']);

function entriesOf(resource: ApiResource): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const subresource of resource.subresources) {
    const { name, get, create } = subresource;
    if (!/^[a-z]+$/.test(name)) throw new Error(`the subresource ${resource.name}/${name} must be one word`);
    if (entries.has(name)) throw new Error(`duplicate subresource ${resource.name}/${name}`);
    entries.set(name, {
      subresource,
      allow: [...(get === undefined ? [] : ['GET', 'HEAD']), ...(create === undefined ? [] : ['POST'])].join(', '),
      ...(get === undefined ? {} : { get: { operation: get, read: requestReader(get) } }),
      ...(create === undefined ? {} : { create: { operation: create, read: requestReader(create) } }),
    });
  }
  return entries;
}

function isOurs(info: RequestInfo): boolean {
  return (
    info.isResourceRequest && info.wellFormed && info.group === subresourceGroup && info.version === subresourceVersion
  );
}
