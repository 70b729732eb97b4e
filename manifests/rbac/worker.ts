import type { Manifest } from '../manifest.ts';
import { allow, clusterRole, clusterRoleBinding, read, role, roleBinding, serviceAccount, type Rule } from './rules.ts';

const name = 'aegis-worker';

const everywhere: readonly Rule[] = [
  // Alerts are deleted after their time to live.
  allow('aegis.io', ['aegisalerts'], [...read, 'delete']),
  allow('aegis.io', ['aegisremediations'], [...read, 'create']),
  allow('aegis.io', ['aegisalertopsrules', 'aegisopstemplates', 'aegisremediationpolicies'], read),
  allow(
    'aegis.io',
    ['aegisalerts/status', 'aegisremediations/status', 'aegisalertopsrules/status', 'aegisopstemplates/status'],
    ['patch'],
  ),
  // The status of a policy has the holders of its budget.
  allow('aegis.io', ['aegisremediationpolicies/status'], ['patch']),
  allow('argoproj.io', ['workflows'], [...read, 'create', 'patch', 'delete']),
  // Only for the UIDs of objects that alerts concern; most concern nodes.
  allow('', ['nodes'], read),
  allow('', ['namespaces', 'pods', 'persistentvolumeclaims'], ['get']),
  allow('apps', ['deployments', 'statefulsets', 'daemonsets'], ['get']),
  allow('batch', ['jobs', 'cronjobs'], ['get']),
  // Approvers' permissions are checked again before a Workflow runs.
  allow('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  allow('events.k8s.io', ['events'], ['create', 'patch']),
];

const atHome: readonly Rule[] = [
  // One for the leader election and one for each locked target, whose names are derived from the targets.
  allow('coordination.k8s.io', ['leases'], ['create', 'get', 'list', 'delete', 'update']),
];

/** ServiceAccount and RBAC of the worker role. */
export const workerRights: readonly Manifest[] = [
  serviceAccount(name),
  clusterRole(name, everywhere),
  clusterRoleBinding(name, name, name),
  role(name, atHome),
  roleBinding({ name }, name, name),
];
