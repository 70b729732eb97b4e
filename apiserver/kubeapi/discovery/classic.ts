import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource, Subresource } from '../api.ts';
import { groupVersion } from '../gvk.ts';
import { isOurs, kindOf, verbsOf } from '../gvk.ts';

const groupVersionEntry = { groupVersion, version: subresourceVersion };
const groupEntry = { name: subresourceGroup, versions: [groupVersionEntry], preferredVersion: groupVersionEntry };

/** Returns `/apis` for a client that does not support the aggregated form. */
export function apiGroupList(): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupEntry] };
}

/** Returns `/apis/<group>`. */
export function apiGroup(): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry };
}

/**
 * Returns `/apis/<group>/<version>`. Parents have an empty list of verbs: with null, or without the parent, kubectl could
 * not assign a subresource to its parent.
 */
export function apiResourceList(resources: readonly ApiResource[]): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources.flatMap((resource) => [
      {
        name: resource.name,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: [],
      },
      ...resource.subresources.map((subresource) => subresourceEntry(resource, subresource)),
    ]),
  };
}

function subresourceEntry({ name, namespaced }: ApiResource, subresource: Subresource): object {
  const of = kindOf(subresource.kind, subresource.kindGroup);
  return {
    name: `${name}/${subresource.name}`,
    singularName: '',
    namespaced,
    ...(isOurs(of) ? {} : { group: of.group, version: of.version }),
    kind: of.kind,
    verbs: verbsOf(subresource),
  };
}
