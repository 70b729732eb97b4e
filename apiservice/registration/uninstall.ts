import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { resources } from '../../kube/client/resources.ts';
import type { RestClient } from '../../kube/client/rest.ts';
import { authoritySecretName, secrets } from '../certificates/authority-secret.ts';
import {
  apiServiceName,
  apiServices,
  ownerOfApiService,
  ownerOfWebhooks,
  webhookConfigurationName,
  webhookConfigurations,
  type GroupVersion,
} from './registered.ts';

/** Result for one object. */
export interface Removal {
  /** `secret monitoring/aegis-apiserver-ca` */
  readonly object: string;
  readonly result: 'deleted' | 'would be deleted' | 'not there' | 'kept';
  /** Why it was kept. */
  readonly why?: string;
}

export interface UninstallOptions extends GroupVersion {
  readonly rest: RestClient;
  readonly namespace: string;
  /** Deletes only objects of this Service; undefined: of any Service in the namespace. */
  readonly serviceName?: string | undefined;
  readonly dryRun: boolean;
}

/**
 * Deletes the objects that Aegis creates at runtime, one after the other, and yields the result for each. The APIService
 * is the first: while it exists and no server answers, no namespace of the cluster can be deleted. Running processes do
 * not create the objects again.
 *
 * @throws ApiError; the results until then are final
 */
export async function* uninstall(options: UninstallOptions): AsyncGenerator<Removal> {
  const { namespace } = options;
  const ours = (name: string | undefined) => ({ namespace, name: options.serviceName ?? name ?? '' });
  yield await remove(options, apiServices, { name: apiServiceName(options) }, (object) =>
    ownerOfApiService(object, ours(object.spec?.service?.name)),
  );
  yield await remove(options, webhookConfigurations, { name: webhookConfigurationName }, (object) =>
    ownerOfWebhooks(object, ours(object.webhooks?.[0]?.clientConfig.service?.name)),
  );
  yield await remove(options, secrets, { namespace, name: authoritySecretName });
}

async function remove<T extends KubeObject>(
  { rest, dryRun }: UninstallOptions,
  type: ResourceType<T>,
  key: { readonly namespace?: string; readonly name: string },
  ownerOf: (object: T) => string | undefined = () => undefined,
): Promise<Removal> {
  const client = resources(rest, type);
  const path = key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`;
  const object = `${type.kind.toLowerCase()} ${path}`;
  const found = await client.find(key);
  if (found === undefined) return { object, result: 'not there' };
  const owner = ownerOf(found);
  if (owner !== undefined) return { object, result: 'kept', why: `it belongs to ${owner}` };
  if (dryRun) return { object, result: 'would be deleted' };
  // By uid: another installation may create its own object at any moment.
  const deleted = await client.delete(key, { uid: found.metadata.uid });
  return { object, result: deleted ? 'deleted' : 'not there' };
}
