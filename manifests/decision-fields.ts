import { clusterWide, type Manifest } from './manifest.ts';

/** The verb that only the apiserver role is granted: to record the decisions of users. */
export const recordVerb = 'record';

/** Status fields of one kind that hold decisions of users. */
interface DecisionFields {
  readonly plural: string;
  readonly namespaced: boolean;
  /**
   * Fields with the subresources that write them. Each is a virtual resource `<plural>/<field>`, for which the verb
   * `record` is checked.
   */
  readonly fields: Readonly<Record<string, string>>;
}

export const decisionFields: readonly DecisionFields[] = [
  {
    plural: 'aegisremediations',
    namespaced: true,
    fields: { approvals: 'the approve and reject subresources', cancellation: 'the cancel subresource' },
  },
  {
    plural: 'aegisremediationpolicies',
    namespaced: false,
    fields: { pauses: 'the pause and resume subresources' },
  },
];

/**
 * ValidatingAdmissionPolicies for the decision fields. Decisions of users are in a status, which other clients may update
 * as well. The subresources of the aggregated API authenticate and authorize the user; a direct write could forge a
 * decision. So kube-apiserver itself refuses changes of these fields by clients without the verb `record`, also while Aegis
 * is down.
 */
export const decisionFieldPolicies: readonly Manifest[] = decisionFields.flatMap((fields) => [
  policy(fields),
  binding(fields),
]);

function nameOf({ plural }: DecisionFields): string {
  return `${plural}.aegis.io`;
}

function policy(decision: DecisionFields): Manifest {
  const { plural, fields } = decision;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: clusterWide(nameOf(decision)),
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['aegis.io'],
            apiVersions: ['*'],
            // A status can only be written by an update.
            operations: ['UPDATE'],
            resources: [`${plural}/status`],
          },
        ],
      },
      validations: Object.entries(fields).map(([field, subresources]) => ({
        expression: `${unchanged(field)} || ${mayRecord(decision, field)}`,
        message: `status.${field} can only be changed through ${subresources} of subresources.aegis.io`,
        reason: 'Forbidden',
      })),
    },
  };
}

/** Returns a CEL expression: the field is as before, or absent as before. */
function unchanged(field: string): string {
  return `object.?status.?${field} == oldObject.?status.?${field}`;
}

function mayRecord({ plural, namespaced }: DecisionFields, field: string): string {
  const place = namespaced ? '.namespace(object.metadata.namespace)' : '';
  const resource = `authorizer.group('aegis.io').resource('${plural}').subresource('${field}')`;
  return `${resource}${place}.name(object.metadata.name).check('${recordVerb}').allowed()`;
}

function binding(decision: DecisionFields): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: clusterWide(nameOf(decision)),
    spec: { policyName: nameOf(decision), validationActions: ['Deny'] },
  };
}
