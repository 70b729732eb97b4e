import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource } from '../api.ts';
import { kindOf, verbsOf } from '../gvk.ts';

/** Versions of aggregated discovery, newest first; the documents are the same. */
export const discoveryVersions = ['v2', 'v2beta1'] as const;

/** Returns the kind of the aggregated form of `/apis`. */
export function discoveryKind(discoveryVersion: string) {
  return { group: 'apidiscovery.k8s.io', version: discoveryVersion, kind: 'APIGroupDiscoveryList' };
}

/** Returns `/apis` for the aggregator of kube-apiserver: all of discovery in one document. */
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
