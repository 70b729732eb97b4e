import { clusterWide, type Manifest } from './manifest.ts';

/** The verb that nobody but the apiserver role is given: to put on record what people have said. */
export const recordVerb = 'record';

/** Fields of a status that say what a person has decided. */
interface Guarded {
  readonly plural: string;
  readonly namespaced: boolean;
  /** Each is a virtual resource `<plural>/<field>`, on which the right `record` is asked for. */
  readonly fields: readonly string[];
}

export const saidByPeople: readonly Guarded[] = [
  { plural: 'aegisremediations', namespaced: true, fields: ['approvals', 'cancellation'] },
  { plural: 'aegisremediationpolicies', namespaced: false, fields: ['pauses'] },
];

/**
 * What people have said stands in a status, which others may write as well. The subresources of the aggregated API ask who
 * somebody is and whether she may; a write beside them could put words into anybody's mouth. So kube-apiserver itself
 * refuses to change these fields to whoever may not `record` them, also while Aegis is down.
 */
export const guardsOfWords: readonly Manifest[] = saidByPeople.flatMap((guarded) => [
  policy(guarded),
  binding(guarded),
]);

function nameOf({ plural }: Guarded): string {
  return `${plural}.aegis.io`;
}

function policy(guarded: Guarded): Manifest {
  const { plural, fields } = guarded;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: clusterWide(nameOf(guarded)),
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['aegis.io'],
            apiVersions: ['*'],
            // Only this way a status is written at all.
            operations: ['UPDATE'],
            resources: [`${plural}/status`],
          },
        ],
      },
      validations: fields.map((field) => ({
        expression: `${unchanged(field)} || ${mayRecord(guarded, field)}`,
        message: `status.${field} holds what people have said: only the subresources of subresources.aegis.io write it`,
        reason: 'Forbidden',
      })),
    },
  };
}

/** CEL: as it was, or was not, before. */
function unchanged(field: string): string {
  return `object.?status.?${field} == oldObject.?status.?${field}`;
}

function mayRecord({ plural, namespaced }: Guarded, field: string): string {
  const place = namespaced ? '.namespace(object.metadata.namespace)' : '';
  const resource = `authorizer.group('aegis.io').resource('${plural}').subresource('${field}')`;
  return `${resource}${place}.name(object.metadata.name).check('${recordVerb}').allowed()`;
}

function binding(guarded: Guarded): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: clusterWide(nameOf(guarded)),
    spec: { policyName: nameOf(guarded), validationActions: ['Deny'] },
  };
}
