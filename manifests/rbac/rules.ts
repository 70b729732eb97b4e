import { type Manifest, clusterWide, namespaced, releaseNamespace } from '../manifest.ts';

/** One rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** The verbs that a cache needs. */
export const read = ['get', 'list', 'watch'] as const;

/** Returns a rule for resources of one group. */
export function allow(group: string, resources: readonly string[], verbs: readonly string[]): Rule {
  return { apiGroups: [group], resources, verbs };
}

/** Returns a rule for named objects; `create` never matches, because RBAC does not see the name of a new object. */
export function allowNamed(rule: Rule, resourceNames: readonly string[]): Rule {
  return { ...rule, resourceNames };
}

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${apiGroup}/v1`;

export function clusterRole(name: string, rules: readonly Rule[], labels?: Readonly<Record<string, string>>): Manifest {
  return { apiVersion, kind: 'ClusterRole', metadata: clusterWide(name, labels), rules };
}

/** Returns a Role in the release namespace. */
export function role(name: string, rules: readonly Rule[]): Manifest {
  return { apiVersion, kind: 'Role', metadata: namespaced(name), rules };
}

export function serviceAccount(name: string): Manifest {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: namespaced(name) };
}

/** Returns a binding of a ClusterRole to a ServiceAccount of the release, in the whole cluster. */
export function clusterRoleBinding(name: string, clusterRoleName: string, account: string): Manifest {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: clusterWide(name),
    roleRef: { apiGroup, kind: 'ClusterRole', name: clusterRoleName },
    subjects: [subject(account)],
  };
}

/** Returns a binding of a Role to a ServiceAccount of the release, in the Role's namespace. */
export function roleBinding(
  { name, namespace = releaseNamespace }: { readonly name: string; readonly namespace?: string },
  roleName: string,
  account: string,
): Manifest {
  return {
    apiVersion,
    kind: 'RoleBinding',
    metadata: namespaced(name, namespace),
    roleRef: { apiGroup, kind: 'Role', name: roleName },
    subjects: [subject(account)],
  };
}

function subject(account: string): object {
  return { kind: 'ServiceAccount', name: account, namespace: releaseNamespace };
}
