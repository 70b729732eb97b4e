import type { Cluster } from '../../../devcluster/cluster.ts';
import { NAMESPACE } from '../../../devcluster/start/aegis.ts';

/** The roles of Aegis for users. */
export type UserRole = 'aegis-view' | 'aegis-operate' | 'aegis-approve';

/** Binds users to roles, in the namespace of Aegis only. */
export async function bindUsers(
  { kubectl }: Pick<Cluster, 'kubectl'>,
  users: Readonly<Record<string, readonly UserRole[]>>,
): Promise<void> {
  const items = Object.entries(users).flatMap(([user, roles]) =>
    roles.map((role) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: `${role}-${user}`, namespace: NAMESPACE },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    })),
  );
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}
