import { subresourceGroup, subresourceVersion } from '../../crds/subresources/group.ts';
import { deadLettersName } from '../../apiserver/ingest/dead-letters/kube-store.ts';
import { authoritySecretName } from '../../apiservice/certificates/authority-secret.ts';
import { webhookConfigurationName } from '../../apiservice/registration/registered.ts';
import type { Manifest } from '../manifest.ts';
import { recordVerb, saidByPeople } from '../said-by-people.ts';
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
  // Alerts that come in, and what people do with them.
  allow('aegis.io', ['aegisalerts'], [...read, 'create', 'patch']),
  allow('aegis.io', ['aegisalerts/status'], ['patch']),
  // Everything that is shown and decided upon comes from caches.
  allow('aegis.io', ['aegisalertopsrules', 'aegisopstemplates', 'aegisremediationpolicies'], read),
  // Triggers, approvals, rejections and cancellations.
  allow('aegis.io', ['aegisremediations'], [...read, 'create']),
  allow('aegis.io', ['aegisremediations/status'], ['patch']),
  // What people have said is put on record by this role alone; see said-by-people.ts.
  ...saidByPeople.map(({ plural, fields }) =>
    allow(
      'aegis.io',
      fields.map((field) => `${plural}/${field}`),
      [recordVerb],
    ),
  ),
  // Pauses that people ask for are kept in the status.
  allow('aegis.io', ['aegisremediationpolicies/status'], ['patch']),
  // `create` is for dry runs of templates only, which Kubernetes cannot tell apart.
  allow('argoproj.io', ['workflows'], [...read, 'create']),
  // Alerts name nodes by address, and publish to namespaces that must be there.
  allow('', ['nodes', 'namespaces'], read),
  allow('events.k8s.io', ['events'], ['create', 'patch']),
];

/** Its registration. A server-side apply creates under the object's name, so that even `create` can be confined to it. */
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

/** Who the apiserver role is, and what it may do. */
export const apiserverRights: readonly Manifest[] = [
  serviceAccount(name),
  clusterRole(name, [...everywhere, ...registration]),
  clusterRoleBinding(name, name, name),
  role(name, atHome),
  roleBinding({ name }, name, name),
  // To ask what a caller may do.
  clusterRoleBinding(`${name}-delegates-authorization`, 'system:auth-delegator', name),
  // To learn whom kube-apiserver sends as its front proxy; without it nobody can be authenticated.
  roleBinding({ name, namespace: 'kube-system' }, 'extension-apiserver-authentication-reader', name),
];
