/** One validating webhook, as whoever handles it asks for it. Only what a name or a list of plurals can say. */
export interface WebhookRegistration {
  /** Fully qualified: `rules.webhook.aegis.io`. */
  readonly name: string;
  /** On the server of the Service; begins with a slash. */
  readonly path: string;
  /** Plurals of `aegis.io`; never `*`. Status and other subresources are not matched by them. */
  readonly resources: readonly string[];
  /** Leave DELETE out where possible: while nobody answers, a namespace with such an object cannot be deleted. */
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  /** More conditions (CEL) under which it is called; all must hold. */
  readonly matchConditions?: readonly MatchCondition[];
}

export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** Where and by whom webhooks are called. */
export interface WebhookSettings {
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  /** PEM; undefined when somebody else fills it in. */
  readonly caBundle: string | undefined;
  /**
   * User names of Aegis's own service accounts (`system:serviceaccount:<namespace>:<name>`). They are never asked about:
   * alerts are stored whether or not anybody answers webhooks.
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

/** An answer takes milliseconds. Whoever writes a rule should not wait longer for an error than that. */
const timeoutSeconds = 5;

/**
 * What is sent to the API server for one webhook.
 *
 * @throws when it would match more than resources of Aegis
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
    // Also a request in a version of the API that this release does not know yet.
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

/** A PEM text as `caBundle` fields hold it. */
export function toBase64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}

function ownConditions(ownUsers: readonly string[]): MatchCondition[] {
  const users = ownUsers.map((user) => JSON.stringify(user)).join(', ');
  return [
    ...(ownUsers.length === 0
      ? []
      : [{ name: 'not-by-aegis', expression: `!(request.userInfo.username in [${users}])` }]),
    // Removing finalizers from what is being deleted must always work.
    {
      name: 'not-being-deleted',
      expression: `request.operation == 'DELETE' || !has(object.metadata.deletionTimestamp)`,
    },
  ];
}
