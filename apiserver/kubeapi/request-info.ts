import { badRequest } from './status.ts';

/** Attributes of a request, parsed as in kube-apiserver: authorization and routing use the same values. */
export interface RequestInfo {
  /** Whether the request addresses a resource; else only `verb` and `path` are set. */
  readonly isResourceRequest: boolean;
  /** Decoded once, without the query. */
  readonly path: string;
  /** `create`, `get`, `list` ...; the method in lower case for other requests; empty for an unknown method. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** Empty for a cluster-scoped resource. */
  readonly namespace: string;
  readonly resource: string;
  /** The third segment only; empty when there is none. */
  readonly subresource: string;
  readonly name: string;
  /** False for paths that kube-apiserver parses too, but that are never served: extra, empty or dotted segments. */
  readonly wellFormed: boolean;
  readonly query: URLSearchParams;
}

const verbsOfMethods: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);
const verbsInPaths = new Set(['proxy', 'watch']);
const namespaceSubresources = new Set(['status', 'finalize']);
const longestSegment = 253;

/**
 * Parses method and target of a request. Source: k8s.io/apiserver, pkg/endpoints/request/requestinfo.go.
 *
 * @param url as received
 * @throws StatusError 400 when it cannot be decoded
 */
export function parseRequestInfo(method: string, url: string): RequestInfo {
  const { path, query } = splitUrl(url);
  const segments = trimSlashes(path);
  const nothing = { path, query, group: '', version: '', namespace: '', resource: '', subresource: '', name: '' };
  const other = { ...nothing, isResourceRequest: false, verb: method.toLowerCase(), wellFormed: true };
  const [prefix, ...rest] = segments === '' ? [] : segments.split('/');
  if (prefix === 'api' && rest.length >= 2) {
    const [version = '', ...parts] = rest;
    return { ...nothing, version, ...aboutResource(method, parts, query), isResourceRequest: true, wellFormed: false };
  }
  if (prefix !== 'apis' || rest.length < 3) return other;
  const [group = '', version = '', ...parts] = rest;
  const { wellFormed, ...resource } = aboutResource(method, parts, query);
  return {
    ...nothing,
    ...resource,
    group,
    version,
    isResourceRequest: true,
    wellFormed: wellFormed && [group, version].every(isSegment) && path === `/${segments}`,
  };
}

/** Decodes the path once, before it is split: an encoded slash separates segments as well. */
function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const at = url.indexOf('?');
  const raw = at === -1 ? url : url.slice(0, at);
  if (!raw.startsWith('/')) throw badRequest('the request target must be a path');
  const query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
  try {
    return { path: decodeURIComponent(raw), query };
  } catch {
    throw badRequest('the path of the request is not properly encoded');
  }
}

function trimSlashes(path: string): string {
  let [start, end] = [0, path.length];
  while (start < end && path[start] === '/') start += 1;
  while (end > start && path[end - 1] === '/') end -= 1;
  return path.slice(start, end);
}

type AboutResource = Pick<RequestInfo, 'verb' | 'namespace' | 'resource' | 'name' | 'subresource' | 'wellFormed'>;

function aboutResource(method: string, segments: readonly string[], query: URLSearchParams): AboutResource {
  const inPath = verbsInPaths.has(segments[0] ?? '');
  const { namespace, parts } = takeNamespace(inPath ? segments.slice(1) : segments);
  const verb = inPath ? segments[0] : verbsOfMethods.get(method);
  const [resource = '', name = '', subresource = ''] = parts;
  return {
    namespace,
    resource,
    subresource: verb === 'proxy' ? '' : subresource,
    ...verbAndName(verb ?? '', name, query),
    wellFormed: !inPath && parts.length <= 3 && segments.every(isSegment),
  };
}

/** `namespaces/x/status` addresses the namespace itself, `namespaces/x/pods` the pods in it. */
function takeNamespace(segments: readonly string[]): { namespace: string; parts: readonly string[] } {
  const [first, namespace = '', third] = segments;
  if (first !== 'namespaces') return { namespace: '', parts: segments };
  const within = third !== undefined && !namespaceSubresources.has(third);
  return { namespace, parts: within ? segments.slice(2) : segments };
}

/** Without a name the request addresses the collection. */
function verbAndName(verb: string, name: string, query: URLSearchParams): { verb: string; name: string } {
  if (name !== '') return { verb, name };
  if (verb === 'delete') return { verb: 'deletecollection', name };
  if (verb !== 'get') return { verb, name };
  const watch = query.get('watch');
  const isWatch = watch !== null && !['false', '0'].includes(watch.toLowerCase());
  return { verb: isWatch ? 'watch' : 'list', name: nameInSelector(query) };
}

/** A list restricted to one name is authorized by that name. */
function nameInSelector(query: URLSearchParams): string {
  for (const term of (query.get('fieldSelector') ?? '').split(',')) {
    const [, name = ''] = /^metadata\.name==?([^=!,\\]+)$/.exec(term) ?? [];
    if (name !== '' && isSegment(name)) return name;
  }
  return '';
}

/** Rejects segments that would become another path when decoded, joined or normalized again. */
function isSegment(segment: string): boolean {
  return (
    segment !== '' && segment !== '.' && segment !== '..' && segment.length <= longestSegment && !/[%/\\]/.test(segment)
  );
}
