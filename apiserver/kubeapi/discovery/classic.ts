import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource, Subresource } from '../api.ts';
import { groupVersion } from '../gvk.ts';
import { isOurs, kindOf, verbsOf } from '../gvk.ts';

const groupVersionEntry = { groupVersion, version: subresourceVersion };
const groupEntry = { name: subresourceGroup, versions: [groupVersionEntry], preferredVersion: groupVersionEntry };

/** `/apis` for a client that does not know the aggregated form. */
export function apiGroupList(): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupEntry] };
}

/** `/apis/<group>`. */
export function apiGroup(): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry };
}

/**
 * `/apis/<group>/<version>`. The parents have no verbs, and say so with an empty list: with null, or without the parent,
 * kubectl could not tell what a subresource belongs to.
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
