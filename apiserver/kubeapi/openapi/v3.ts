import { subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource } from '../api.ts';
import { groupVersion } from '../gvk.ts';
import { components, type Components } from './components.ts';
import { paths } from './operations.ts';
import type { Schema } from './schema.ts';

/** The parts of an OpenAPI 3.0 document that are used. */
export interface OpenApiV3 {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Schema>>;
  readonly components: { readonly schemas: Components };
}

/** Path of the document of the group version below `/openapi/v3/`. */
export const v3Path = `apis/${groupVersion}`;

/** Returns `/openapi/v3/apis/<group>/<version>`. */
export function openApiV3(resources: readonly ApiResource[]): OpenApiV3 {
  return {
    openapi: '3.0.0',
    info: { title: 'Aegis', version: subresourceVersion },
    paths: paths(resources),
    components: { schemas: components(resources) },
  };
}

/**
 * Returns `/openapi/v3`, the list of documents. kube-apiserver merges the lists of all servers without checks, so this
 * one must name no other group.
 *
 * @param hash of the document, by which clients cache it
 */
export function openApiV3Root(hash: string): object {
  return { paths: { [v3Path]: { serverRelativeURL: `/openapi/v3/${v3Path}?hash=${hash}` } } };
}
