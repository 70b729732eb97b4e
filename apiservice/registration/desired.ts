import { labels } from '../../crds/labels.ts';
import {
  apiServiceName,
  webhookConfigurationName,
  type ApiService,
  type GroupVersion,
  type WebhookConfiguration,
} from './registered.ts';
import { toBase64, validatingWebhook, type WebhookRegistration } from './webhooks.ts';

/** The registration of this installation. */
export interface Registrant extends GroupVersion {
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  readonly webhooks: readonly WebhookRegistration[];
  /** Port of the Service for the webhooks. */
  readonly webhookPort: number;
  /** User names of the ServiceAccounts of Aegis. */
  readonly ownUsers: readonly string[];
  /** Added to both objects; for a controller that sets caBundle, such as `cert-manager.io/inject-ca-from`. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Below the priority of custom resources (1000), so that `kubectl get aegisalerts` finds those. */
const groupPriorityMinimum = 100;

/** Returns the desired APIService. */
export function desiredApiService(registrant: Registrant, caBundle: string | undefined): ApiService {
  const { group, version, service } = registrant;
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: metadata(apiServiceName(registrant), registrant),
    spec: {
      group,
      version,
      service,
      groupPriorityMinimum,
      versionPriority: 100,
      // Explicit, so that another value is reverted.
      insecureSkipTLSVerify: false,
      ...(caBundle === undefined ? {} : { caBundle: toBase64(caBundle) }),
    },
  };
}

/** Returns the desired webhook configuration; undefined without webhooks. @throws for a webhook that matches too much */
export function desiredWebhooks(
  registrant: Registrant,
  caBundle: string | undefined,
): WebhookConfiguration | undefined {
  if (registrant.webhooks.length === 0) return undefined;
  const { service, webhookPort, ownUsers } = registrant;
  const settings = { service: { ...service, port: webhookPort }, ownUsers, caBundle };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: metadata(webhookConfigurationName, registrant),
    webhooks: registrant.webhooks.map((webhook) => validatingWebhook(webhook, settings)),
  };
}

function metadata(name: string, { annotations }: Registrant) {
  return {
    name,
    labels: { [labels.managedBy]: 'aegis' },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
  };
}

/** Returns whether an object has all desired fields; defaults and additional fields do not count. */
export function includes(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length >= wanted.length &&
      wanted.every((item, index) => includes(actual[index], item))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof actual !== 'object' || actual === null) return false;
    const fields = actual as Record<string, unknown>;
    return Object.entries(wanted).every(([key, value]) => includes(fields[key], value));
  }
  // The API server omits fields that are false.
  return actual === wanted || (wanted === false && actual === undefined);
}
