import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource } from '../api.ts';
import { kindOf, verbsOf } from '../gvk.ts';

/** The versions of aggregated discovery that clients know, the newest first; for what is said here they are the same. */
export const discoveryVersions = ['v2', 'v2beta1'] as const;

/** Kind of the aggregated form of `/apis`, as clients ask for it. */
export function discoveryKind(discoveryVersion: string) {
  return { group: 'apidiscovery.k8s.io', version: discoveryVersion, kind: 'APIGroupDiscoveryList' };
}

/** `/apis` as kube-apiserver's aggregator reads it: all of discovery in one document. */
export function apiGroupDiscoveryList(resources: readonly ApiResource[], discoveryVersion: string): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${discoveryVersion}`,
    metadata: {},
    items: [
      {
        metadata: { name: subresourceGroup },
        versions: [{ version: subresourceVersion, resources: resources.map(resourceEntry), freshness: 'Current' }],
      },
    ],
  };
}

function resourceEntry({ name, singular, kind, namespaced, subresources }: ApiResource): object {
  return {
    resource: name,
    responseKind: kindOf(kind),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [],
    subresources: subresources.map((subresource) => ({
      subresource: subresource.name,
      responseKind: kindOf(subresource.kind, subresource.kindGroup),
      verbs: verbsOf(subresource),
    })),
  };
}
