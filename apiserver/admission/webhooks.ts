import type { ResourceType } from '../../crds/object.ts';

/** How one kind is registered in a ValidatingWebhookConfiguration. */
export interface AdmissionWebhook {
  /** `aegisopstemplates.admission.aegis.io` */
  readonly name: string;
  /** Path of the webhook on its server. */
  readonly path: string;
  readonly rules: readonly [
    {
      readonly apiGroups: readonly string[];
      readonly apiVersions: readonly string[];
      readonly operations: readonly ('CREATE' | 'UPDATE')[];
      /** Never a wildcard nor a subresource: a status must be written whatever the spec says. */
      readonly resources: readonly string[];
      readonly scope: 'Namespaced' | 'Cluster';
    },
  ];
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly matchPolicy: 'Equivalent';
  readonly sideEffects: 'None';
  readonly failurePolicy: 'Fail';
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions: readonly ['v1'];
}

/** Seconds. A review takes milliseconds; its longest step, the dry run, gives up after half of this. */
const timeoutSeconds = 5;

/**
 * The registration of a kind.
 *
 * @param ownUsers user names of Aegis's own accounts, which do not wait for themselves
 */
export function webhookOf(type: ResourceType, ownUsers: readonly string[]): AdmissionWebhook {
  return {
    name: `${type.plural}.admission.${type.group}`,
    path: `/admission/${type.plural}`,
    rules: [
      {
        apiGroups: [type.group],
        apiVersions: [type.version],
        operations: ['CREATE', 'UPDATE'],
        resources: [type.plural],
        scope: type.namespaced ? 'Namespaced' : 'Cluster',
      },
    ],
    matchConditions: [
      ...(ownUsers.length === 0
        ? []
        : [{ name: 'not-by-aegis', expression: `!(request.userInfo.username in ${JSON.stringify(ownUsers)})` }]),
      {
        name: 'spec-is-new',
        expression:
          'request.operation != "UPDATE" || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec',
      },
    ],
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds,
    admissionReviewVersions: ['v1'],
  };
}
