import { subresourceGroup } from '../../crds/subresources/group.ts';
import type { Manifest } from '../manifest.ts';
import { allow, clusterRole, read, type Rule } from './rules.ts';

/** Read access. Links of chat users are left out. */
const view: readonly Rule[] = [
  allow(
    'aegis.io',
    [
      'aegisalerts',
      'aegisalertopsrules',
      'aegisopstemplates',
      'aegisremediations',
      'aegisremediationpolicies',
      'aegisdiagnosises',
      'aegisnodehealthchecks',
      'aegisclusterhealthchecks',
    ],
    read,
  ),
  allow(subresourceGroup, ['*/inspect', '*/diagnose', 'aegisalerts/trigger'], ['get']),
];

/** Requests; they are still subject to all gates, and wait for approval where a policy requires one. */
const operate: readonly Rule[] = [
  allow(
    subresourceGroup,
    ['aegisalerts/trigger', 'aegisalerts/acknowledge', 'aegisalerts/silence', 'aegisalerts/resolve'],
    ['create'],
  ),
  allow(subresourceGroup, ['*/diagnose', 'aegisopstemplates/render'], ['create']),
  // A trigger that names a template requires this verb as well.
  allow('aegis.io', ['aegisopstemplates'], ['use']),
];

/** Approvals. Permission to request a remediation must not include permission to approve it. */
const approve: readonly Rule[] = [
  allow(
    subresourceGroup,
    ['aegisremediations/approve', 'aegisremediations/reject', 'aegisremediations/cancel'],
    ['create'],
  ),
  allow(subresourceGroup, ['aegisremediationpolicies/pause', 'aegisremediationpolicies/resume'], ['create']),
];

/**
 * ClusterRoles for users. Kubernetes aggregates them into its own roles: `view` gets the first, `edit` the first two,
 * `admin` all; for policies, which are cluster-scoped, they must be bound in the whole cluster.
 */
export const userRights: readonly Manifest[] = [
  clusterRole('aegis-view', view, aggregateTo('view')),
  clusterRole('aegis-operate', operate, aggregateTo('edit')),
  clusterRole('aegis-approve', approve, aggregateTo('admin')),
];

/** `edit` contains `view`, and `admin` contains `edit`, so that one label each is enough. */
function aggregateTo(role: string): Readonly<Record<string, string>> {
  return { [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' };
}
