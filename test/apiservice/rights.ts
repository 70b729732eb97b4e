/** A user with exactly the rights that `apiservice/` needs. */
export const REGISTRAR = 'aegis-registrar';

export function registrarRights(namespace: string): string {
  const cluster = [
    ...rule('apiregistration.k8s.io', 'apiservices', ['v1alpha1.subresources.aegis.io'], ['get', 'patch']),
    ...rule('apiregistration.k8s.io', 'apiservices', [], ['create']),
    ...rule('admissionregistration.k8s.io', 'validatingwebhookconfigurations', ['aegis'], ['get', 'patch']),
    ...rule('admissionregistration.k8s.io', 'validatingwebhookconfigurations', [], ['create']),
  ];
  const own = [
    ...rule('', 'secrets', ['aegis-apiserver-ca'], ['get', 'update']),
    ...rule('', 'secrets', [], ['create']),
  ];
  const items = [
    { kind: 'ClusterRole', metadata: { name: REGISTRAR }, rules: cluster },
    { kind: 'ClusterRoleBinding', metadata: { name: REGISTRAR }, ...binding('ClusterRole') },
    { kind: 'Role', metadata: { name: REGISTRAR, namespace }, rules: own },
    { kind: 'RoleBinding', metadata: { name: REGISTRAR, namespace }, ...binding('Role') },
  ].map((item) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', ...item }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function rule(group: string, resource: string, resourceNames: string[], verbs: string[]): object[] {
  return [{ apiGroups: [group], resources: [resource], verbs, ...(resourceNames.length > 0 ? { resourceNames } : {}) }];
}

function binding(kind: string): object {
  const apiGroup = 'rbac.authorization.k8s.io';
  return { roleRef: { apiGroup, kind, name: REGISTRAR }, subjects: [{ kind: 'User', apiGroup, name: REGISTRAR }] };
}
