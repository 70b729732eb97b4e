/** Registration of one validating webhook. */
export interface WebhookRegistration {
  /** Fully qualified: `rules.webhook.aegis.io`. */
  readonly name: string;
  /** On the server of the Service; begins with a slash. */
  readonly path: string;
  /** Plurals of `aegis.io`; never `*`. Status and other subresources are not matched by them. */
  readonly resources: readonly string[];
  /** Without DELETE where possible: while no server answers, a namespace with such an object cannot be deleted. */
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  /** Additional conditions (CEL) under which it is called; all must hold. */
  readonly matchConditions?: readonly MatchCondition[];
}

export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** Settings of all webhooks. */
export interface WebhookSettings {
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  /** PEM; undefined when another controller sets it. */
  readonly caBundle: string | undefined;
  /**
   * User names of the ServiceAccounts of Aegis (`system:serviceaccount:<namespace>:<name>`). Webhooks are not called for
   * them: alerts are stored whether or not webhooks answer.
   */
  readonly ownUsers: readonly string[];
}

/** `webhooks[]` of a ValidatingWebhookConfiguration. */
export interface ValidatingWebhook {
  readonly name: string;
  readonly clientConfig: {
    readonly service?: {
      readonly namespace: string;
      readonly name: string;
      readonly port?: number;
      readonly path?: string;
    };
    readonly url?: string;
    readonly caBundle?: string;
  };
  readonly [field: string]: unknown;
}

/** An answer takes milliseconds; a user who applies a rule should not wait longer for an error. */
const timeoutSeconds = 5;

/**
 * Returns the entry of the webhook configuration for one webhook.
 *
 * @throws when it would match resources that are not of Aegis
 */
export function validatingWebhook(registration: WebhookRegistration, settings: WebhookSettings): ValidatingWebhook {
  const { name, path, resources, operations, matchConditions = [] } = registration;
  if (resources.length === 0 || !resources.every((resource) => /^aegis[a-z]+$/.test(resource))) {
    throw new Error(`webhook ${name} must name resources of aegis.io, without subresources`);
  }
  const { service, caBundle } = settings;
  return {
    name,
    clientConfig: {
      service: { namespace: service.namespace, name: service.name, port: service.port, path },
      ...(caBundle === undefined ? {} : { caBundle: toBase64(caBundle) }),
    },
    rules: [{ apiGroups: ['aegis.io'], apiVersions: ['*'], resources, operations, scope: '*' }],
    // Includes requests in a version of the API that this release does not have.
    matchPolicy: 'Equivalent',
    failurePolicy: 'Fail',
    sideEffects: 'None',
    timeoutSeconds,
    admissionReviewVersions: ['v1'],
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }],
    },
    matchConditions: [...ownConditions(settings.ownUsers), ...matchConditions],
  };
}

/** Encodes a PEM text for a `caBundle` field. */
export function toBase64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}

function ownConditions(ownUsers: readonly string[]): MatchCondition[] {
  const users = ownUsers.map((user) => JSON.stringify(user)).join(', ');
  return [
    ...(ownUsers.length === 0
      ? []
      : [{ name: 'not-by-aegis', expression: `!(request.userInfo.username in [${users}])` }]),
    // Removing finalizers from an object that is being deleted must always work.
    {
      name: 'not-being-deleted',
      expression: `request.operation == 'DELETE' || !has(object.metadata.deletionTimestamp)`,
    },
  ];
}
