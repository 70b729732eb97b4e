import { subresourceGroup, subresourceVersion } from '../../crds/subresources/group.ts';
import { deadLettersName } from '../../apiserver/ingest/dead-letters/kube-store.ts';
import { authoritySecretName } from '../../apiservice/certificates/authority-secret.ts';
import { webhookConfigurationName } from '../../apiservice/registration/registered.ts';
import type { Manifest } from '../manifest.ts';
import { decisionFields, recordVerb } from '../decision-fields.ts';
import {
  allow,
  allowNamed,
  clusterRole,
  clusterRoleBinding,
  read,
  role,
  roleBinding,
  serviceAccount,
  type Rule,
} from './rules.ts';

const name = 'aegis-apiserver';

const everywhere: readonly Rule[] = [
  // Incoming alerts, and the actions of users on them.
  allow('aegis.io', ['aegisalerts'], [...read, 'create', 'patch']),
  allow('aegis.io', ['aegisalerts/status'], ['patch']),
  // Caches serve everything that is shown or evaluated.
  allow('aegis.io', ['aegisalertopsrules', 'aegisopstemplates', 'aegisremediationpolicies'], read),
  // Triggers, approvals, rejections and cancellations.
  allow('aegis.io', ['aegisremediations'], [...read, 'create']),
  allow('aegis.io', ['aegisremediations/status'], ['patch']),
  // Only this role records decisions of users; see decision-fields.ts.
  ...decisionFields.map(({ plural, fields }) =>
    allow(
      'aegis.io',
      Object.keys(fields).map((field) => `${plural}/${field}`),
      [recordVerb],
    ),
  ),
  // Pauses that users request are stored in the status.
  allow('aegis.io', ['aegisremediationpolicies/status'], ['patch']),
  // `create` is for dry runs of templates only; RBAC does not distinguish them.
  allow('argoproj.io', ['workflows'], [...read, 'create']),
  // Alerts name nodes by address, and target namespaces that must exist.
  allow('', ['nodes', 'namespaces'], read),
  allow('events.k8s.io', ['events'], ['create', 'patch']),
];

/** The registration. A server-side apply creates under the object's name, so that `create` can be restricted to it. */
const registration: readonly Rule[] = [
  allowNamed(allow('apiregistration.k8s.io', ['apiservices'], ['get', 'create', 'patch']), [
    `${subresourceVersion}.${subresourceGroup}`,
  ]),
  allowNamed(allow('admissionregistration.k8s.io', ['validatingwebhookconfigurations'], ['get', 'create', 'patch']), [
    webhookConfigurationName,
  ]),
];

const atHome: readonly Rule[] = [
  allow('', ['configmaps', 'secrets'], ['create']),
  allowNamed(allow('', ['configmaps'], ['get', 'update']), [deadLettersName]),
  allowNamed(allow('', ['secrets'], ['get', 'update']), [authoritySecretName]),
];

/** ServiceAccount and RBAC of the apiserver role. */
export const apiserverRights: readonly Manifest[] = [
  serviceAccount(name),
  clusterRole(name, [...everywhere, ...registration]),
  clusterRoleBinding(name, name, name),
  role(name, atHome),
  roleBinding({ name }, name, name),
  // For access reviews of callers.
  clusterRoleBinding(`${name}-delegates-authorization`, 'system:auth-delegator', name),
  // For the front-proxy configuration of kube-apiserver, without which no user can be authenticated.
  roleBinding({ name, namespace: 'kube-system' }, 'extension-apiserver-authentication-reader', name),
];
