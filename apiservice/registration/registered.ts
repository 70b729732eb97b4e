import type { KubeObject, ResourceType } from '../../crds/object.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import { readCertificates, type Authority } from '../certificates/authorities.ts';
import type { ValidatingWebhook } from './webhooks.ts';

/** Registers the Service of a group and version; without `service`, kube-apiserver serves it itself. */
export interface ApiService extends KubeObject {
  spec?: {
    readonly group?: string;
    readonly version?: string;
    readonly service?: { readonly namespace?: string; readonly name?: string; readonly port?: number } | null;
    readonly caBundle?: string;
    readonly insecureSkipTLSVerify?: boolean;
    readonly groupPriorityMinimum?: number;
    readonly versionPriority?: number;
  };
  status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

export interface WebhookConfiguration extends KubeObject {
  webhooks?: readonly ValidatingWebhook[];
}

export const apiServices: ResourceType<ApiService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  plural: 'apiservices',
  kind: 'APIService',
  namespaced: false,
};

export const webhookConfigurations: ResourceType<WebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
};

/** The name of the webhook configuration. */
export const webhookConfigurationName = 'aegis';

/** Group and version of an APIService. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** The current objects. */
export interface Registered {
  readonly apiService: ApiService | undefined;
  readonly webhooks: WebhookConfiguration | undefined;
}

/** Clients for both kinds. */
export interface RegistrationClients {
  readonly apiServices: Pick<ResourceClient<ApiService>, 'find' | 'apply' | 'delete'>;
  readonly webhooks: Pick<ResourceClient<WebhookConfiguration>, 'find' | 'apply' | 'delete'>;
}

export function apiServiceName({ group, version }: GroupVersion): string {
  return `${version}.${group}`;
}

export async function readRegistered(
  { apiServices, webhooks }: RegistrationClients,
  groupVersion: GroupVersion,
  signal?: AbortSignal,
): Promise<Registered> {
  const [apiService, configuration] = await Promise.all([
    apiServices.find({ name: apiServiceName(groupVersion) }, { signal }),
    webhooks.find({ name: webhookConfigurationName }, { signal }),
  ]);
  return { apiService, webhooks: configuration };
}

/** Reference to a Service. */
interface ServiceKey {
  readonly namespace?: string;
  readonly name?: string;
}

/** Returns the owner of the APIService unless it is ours: it may belong to another installation. */
export function ownerOfApiService({ spec }: ApiService, service: ServiceKey): string | undefined {
  return otherThan(service, [spec?.service ?? undefined]);
}

/** Returns the owner of the webhooks unless they are ours. */
export function ownerOfWebhooks({ webhooks = [] }: WebhookConfiguration, service: ServiceKey): string | undefined {
  return otherThan(
    service,
    webhooks.map(({ clientConfig }) => clientConfig.service),
  );
}

/** Returns the owner of the APIService or of the webhooks unless both are ours. */
export function ownerOf({ apiService, webhooks }: Registered, service: ServiceKey): string | undefined {
  return (apiService && ownerOfApiService(apiService, service)) ?? (webhooks && ownerOfWebhooks(webhooks, service));
}

function otherThan({ namespace, name }: ServiceKey, found: readonly (ServiceKey | undefined)[]): string | undefined {
  const others = found.filter((one) => one?.namespace !== namespace || one?.name !== name);
  if (others.length === 0) return undefined;
  const [other] = others;
  return other === undefined ? 'no Service' : `Service ${other.namespace ?? ''}/${other.name ?? ''}`;
}

/** Returns the authorities that all our objects trust; undefined when we have no object. */
export function publishedIn(
  { apiService, webhooks }: Registered,
  service: ServiceKey,
): readonly Authority[] | undefined {
  const isOurs = apiService !== undefined && ownerOfApiService(apiService, service) === undefined;
  const areOurs = webhooks !== undefined && ownerOfWebhooks(webhooks, service) === undefined;
  const [first, ...others] = [
    ...(isOurs ? [apiService.spec?.caBundle] : []),
    ...(areOurs ? (webhooks.webhooks ?? []).map(({ clientConfig }) => clientConfig.caBundle) : []),
  ].map(readBundle);
  return first?.filter(({ id }) => others.every((bundle) => bundle.some((authority) => authority.id === id)));
}

function readBundle(base64 = ''): readonly Authority[] {
  try {
    return readCertificates(Buffer.from(base64, 'base64').toString());
  } catch {
    // Not written by us: it will be corrected, and until then it trusts no server.
    return [];
  }
}
