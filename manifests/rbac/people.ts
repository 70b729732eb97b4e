import { subresourceGroup } from '../../crds/subresources/group.ts';
import type { Manifest } from '../manifest.ts';
import { allow, clusterRole, read, type Rule } from './rules.ts';

/** Nothing of this changes anything. Who is who in a chat is left out. */
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

/** What is asked for here still passes all gates, and waits for approval where a policy wants it. */
const operate: readonly Rule[] = [
  allow(
    subresourceGroup,
    ['aegisalerts/trigger', 'aegisalerts/acknowledge', 'aegisalerts/silence', 'aegisalerts/resolve'],
    ['create'],
  ),
  allow(subresourceGroup, ['*/diagnose', 'aegisopstemplates/render'], ['create']),
  // A trigger that names a template asks for this one too.
  allow('aegis.io', ['aegisopstemplates'], ['use']),
];

/** The say over what runs. Who may ask for something must not be able to agree to it by that alone. */
const approve: readonly Rule[] = [
  allow(
    subresourceGroup,
    ['aegisremediations/approve', 'aegisremediations/reject', 'aegisremediations/cancel'],
    ['create'],
  ),
  allow(subresourceGroup, ['aegisremediationpolicies/pause', 'aegisremediationpolicies/resume'], ['create']),
];

/**
 * What people may do. Kubernetes adds them to its own roles: `view` gets the first, `edit` the first two, `admin` all;
 * for policies, which belong to no namespace, they must be bound in the whole cluster.
 */
export const peopleRights: readonly Manifest[] = [
  clusterRole('aegis-view', view, aggregateTo('view')),
  clusterRole('aegis-operate', operate, aggregateTo('edit')),
  clusterRole('aegis-approve', approve, aggregateTo('admin')),
];

/** `edit` contains `view`, and `admin` contains `edit`, so that one label each is enough. */
function aggregateTo(role: string): Readonly<Record<string, string>> {
  return { [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' };
}
