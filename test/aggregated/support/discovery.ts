import { subresourceGroup } from '../../../crds/subresources/group.ts';
import type { Harness } from '../../harness/aegis.ts';

const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/**
 * Returns whether the discovery of kube-apiserver marks this group as stale. The namespace controller depends on it;
 * it follows the condition `Available` with a delay.
 */
export async function isStale({ rest }: Pick<Harness, 'rest'>): Promise<boolean> {
  const { items } = (await rest.request({ method: 'GET', path: '/apis', accept })) as {
    items: { metadata: { name: string }; versions: { freshness: string }[] }[];
  };
  const found = items.find(({ metadata }) => metadata.name === subresourceGroup);
  return found?.versions[0]?.freshness !== 'Current';
}
