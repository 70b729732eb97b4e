import type { Manifest } from '../manifest.ts';
import { allow, clusterRole, clusterRoleBinding, read, role, roleBinding, serviceAccount, type Rule } from './rules.ts';

const name = 'aegis-worker';

const everywhere: readonly Rule[] = [
  // Alerts end after their time to live.
  allow('aegis.io', ['aegisalerts'], [...read, 'delete']),
  allow('aegis.io', ['aegisremediations'], [...read, 'create']),
  allow('aegis.io', ['aegisalertopsrules', 'aegisopstemplates', 'aegisremediationpolicies'], read),
  allow(
    'aegis.io',
    ['aegisalerts/status', 'aegisremediations/status', 'aegisalertopsrules/status', 'aegisopstemplates/status'],
    ['patch'],
  ),
  // Who holds a budget stands in its status.
  allow('aegis.io', ['aegisremediationpolicies/status'], ['patch']),
  allow('argoproj.io', ['workflows'], [...read, 'create', 'patch', 'delete']),
  // Only to learn the uid of what an alert speaks of; most speak of nodes.
  allow('', ['nodes'], read),
  allow('', ['namespaces', 'pods', 'persistentvolumeclaims'], ['get']),
  allow('apps', ['deployments', 'statefulsets', 'daemonsets'], ['get']),
  allow('batch', ['jobs', 'cronjobs'], ['get']),
  // Whether those who approved still may when it runs.
  allow('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  allow('events.k8s.io', ['events'], ['create', 'patch']),
];

const atHome: readonly Rule[] = [
  // The leadership, and one for each target that is acted upon: their names follow from the targets.
  allow('coordination.k8s.io', ['leases'], ['create', 'get', 'list', 'delete', 'update']),
];

/** Who the worker role is, and what it may do. */
export const workerRights: readonly Manifest[] = [
  serviceAccount(name),
  clusterRole(name, everywhere),
  clusterRoleBinding(name, name, name),
  role(name, atHome),
  roleBinding({ name }, name, name),
];
