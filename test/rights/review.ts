import type { Cluster } from '../../devcluster/cluster.ts';

/** A rule as a SelfSubjectRulesReview answers it. */
interface ReviewedRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
}

/** Who asks. */
export interface Who {
  readonly user: string;
  readonly groups: readonly string[];
}

/** A ServiceAccount, as kube-apiserver sees it. */
export function accountOf(namespace: string, name: string): Who {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

/**
 * Returns the rights of a user in a namespace, one line for each resource and set of verbs, in alphabetical order, from
 * the answer of kube-apiserver to the user's own question. Paths that are no resources are left out.
 */
export async function rightsOf(cluster: Cluster, who: Who, namespace: string): Promise<string[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
  const asHer = [`--as=${who.user}`, ...who.groups.map((group) => `--as-group=${group}`)];
  const answer = await cluster.kubectl(
    ['create', '--validate=false', '-o', 'json', '-f', '-', ...asHer],
    JSON.stringify(review),
  );
  const { status } = JSON.parse(answer) as { status: { incomplete: boolean; resourceRules: ReviewedRule[] } };
  // The Node authorizer cannot list its rules; it has none for others than nodes.
  const lines = status.resourceRules.flatMap(linesOf);
  return [...new Set(lines)].sort();
}

function linesOf({ verbs, apiGroups = [''], resources = [], resourceNames = [] }: ReviewedRule): string[] {
  const only = resourceNames.length === 0 ? '' : ` (${[...resourceNames].sort().join(', ')})`;
  return apiGroups.flatMap((group) =>
    resources.map((resource) => {
      const [name = '', subresource] = resource.split('/');
      const qualified = group === '' ? name : `${name}.${group}`;
      return `${qualified}${subresource === undefined ? '' : `/${subresource}`}${only}: ${[...verbs].sort().join(' ')}`;
    }),
  );
}

/** Returns whether a user has a verb on a subresource of Aegis. */
export async function mayUse(
  cluster: Cluster,
  { user, groups }: Who,
  verb: 'get' | 'create',
  { namespace, path }: { readonly namespace: string; readonly path: string },
): Promise<boolean> {
  const [resource, subresource] = path.split('/');
  const of = { group: 'subresources.aegis.io', version: 'v1alpha1', namespace, name: 'any' };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, groups, resourceAttributes: { ...of, verb, resource, subresource } },
  };
  const answer = await cluster.kubectl(['create', '--validate=false', '-o', 'json', '-f', '-'], JSON.stringify(review));
  return (JSON.parse(answer) as { status: { allowed: boolean } }).status.allowed;
}
