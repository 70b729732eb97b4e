import { subresourceGroup } from '../../../crds/subresources/group.ts';
import type { Harness } from '../../harness/aegis.ts';

const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/**
 * Whether kube-apiserver says in its discovery that it could not read ours lately. Who deletes namespaces goes by that;
 * it follows the condition `Available`, but not at once.
 */
export async function isStale({ rest }: Pick<Harness, 'rest'>): Promise<boolean> {
  const { items } = (await rest.request({ method: 'GET', path: '/apis', accept })) as {
    items: { metadata: { name: string }; versions: { freshness: string }[] }[];
  };
  const found = items.find(({ metadata }) => metadata.name === subresourceGroup);
  return found?.versions[0]?.freshness !== 'Current';
}
