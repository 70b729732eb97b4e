import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseAccept, takesJson, takesKind } from '../../kubeapi/media-types.ts';
import { subresourceGroup } from '../../../crds/subresources/group.ts';
import type { ApiResource } from '../../kubeapi/api.ts';
import { groupVersion } from '../../kubeapi/gvk.ts';
import { apiGroupDiscoveryList, discoveryKind, discoveryVersions } from '../../kubeapi/discovery/aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList } from '../../kubeapi/discovery/classic.ts';
import type { DocumentAnswer, Documents } from './documents.ts';
import { openApiV2 } from '../../kubeapi/openapi/v2.ts';
import { openApiV3, openApiV3Root, v3Path } from '../../kubeapi/openapi/v3.ts';

/** One representation of a document. */
interface Form {
  readonly contentType: string;
  readonly body: Buffer;
  /** Quoted; undefined for a document that must never be answered with 304. */
  readonly etag: string | undefined;
  /** The kind that a client must request; undefined = plain JSON. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
}

/**
 * Computes all documents about these resources once, and serves them from memory.
 *
 * @throws Error when one kind has two schemas
 */
export function createDocuments(resources: readonly ApiResource[]): Documents {
  const v3 = openApiV3(resources);
  const v3Form = jsonForm(v3);
  const forms = new Map<string, readonly Form[]>([
    ['/apis', [...discoveryVersions.map((version) => aggregatedForm(resources, version)), jsonForm(apiGroupList())]],
    [`/apis/${subresourceGroup}`, [withoutEtag(jsonForm(apiGroup()))]],
    // kube-apiserver uses this one as a health check and takes a 304 for a failure.
    [`/apis/${groupVersion}`, [withoutEtag(jsonForm(apiResourceList(resources)))]],
    ['/openapi/v2', [jsonForm(openApiV2(v3))]],
    ['/openapi/v3', [jsonForm(openApiV3Root(hashOf(v3Form.body)))]],
    [`/openapi/v3/${v3Path}`, [v3Form]],
  ]);
  return (path, headers) => {
    const found = forms.get(path);
    return found === undefined ? undefined : answer(found, headers);
  };
}

function answer(forms: readonly Form[], headers: IncomingHttpHeaders): DocumentAnswer {
  const form = choose(forms, headers.accept);
  if (form === undefined) return notAcceptable(forms);
  const { contentType, body, etag } = form;
  const about = {
    vary: 'Accept',
    // May be cached, but is revalidated each time, which costs a 304.
    'cache-control': 'no-cache, private',
    ...(etag === undefined ? {} : { etag }),
  };
  if (etag !== undefined && matches(headers['if-none-match'], etag)) return { status: 304, headers: about, body: '' };
  return { status: 200, headers: { ...about, 'content-type': contentType }, body };
}

/** Returns the form that the client prefers. */
function choose(forms: readonly Form[], accept: string | undefined): Form | undefined {
  for (const range of parseAccept(accept)) {
    const form = forms.find(({ kind }) => (kind === undefined ? takesJson(range) : takesKind(range, kind)));
    if (form !== undefined) return form;
  }
  return undefined;
}

function matches(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}

function notAcceptable(forms: readonly Form[]): DocumentAnswer {
  const message = `only the following media types are served: ${forms.map(({ contentType }) => contentType).join(', ')}`;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 406 };
  return {
    status: 406,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...status, reason: 'NotAcceptable' }),
  };
}

function jsonForm(document: object): Form {
  const body = Buffer.from(JSON.stringify(document));
  return { contentType: 'application/json', body, etag: `"${hashOf(body)}"` };
}

function aggregatedForm(resources: readonly ApiResource[], version: string): Form {
  const kind = discoveryKind(version);
  const { body, etag } = jsonForm(apiGroupDiscoveryList(resources, version));
  return { contentType: `application/json;g=${kind.group};v=${kind.version};as=${kind.kind}`, body, etag, kind };
}

function withoutEtag(form: Form): Form {
  return { ...form, etag: undefined };
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').toUpperCase();
}
