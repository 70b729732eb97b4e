import { subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource } from '../api.ts';
import { groupVersion } from '../gvk.ts';
import { components, type Components } from './components.ts';
import { paths } from './operations.ts';
import type { Schema } from './schema.ts';

/** An OpenAPI 3.0 document, as far as it is written here. */
export interface OpenApiV3 {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Schema>>;
  readonly components: { readonly schemas: Components };
}

/** Where the group version's document is, below `/openapi/v3/`. */
export const v3Path = `apis/${groupVersion}`;

/** `/openapi/v3/apis/<group>/<version>`. */
export function openApiV3(resources: readonly ApiResource[]): OpenApiV3 {
  return {
    openapi: '3.0.0',
    info: { title: 'Aegis', version: subresourceVersion },
    paths: paths(resources),
    components: { schemas: components(resources) },
  };
}

/**
 * `/openapi/v3`: what there is. kube-apiserver merges the lists of all servers unseen, so it must name nothing else.
 *
 * @param hash changes with the document, so that clients may keep it for as long as the hash is the same
 */
export function openApiV3Root(hash: string): object {
  return { paths: { [v3Path]: { serverRelativeURL: `/openapi/v3/${v3Path}?hash=${hash}` } } };
}
