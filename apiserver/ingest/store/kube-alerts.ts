import { aegisAlerts, type AegisAlert } from '../../../crds/alert.ts';
import { labels } from '../../../crds/labels.ts';
import { ApiError, isAlreadyExists, isNotFound } from '../../../kube/client/api-error.ts';
import { withoutManagedFields } from '../../../kube/cache/informer.ts';
import { resources, type MergePatch, type PatchOptions } from '../../../kube/client/resources.ts';
import type { RestClient } from '../../../kube/client/rest.ts';
import type { AlertStore, ChangeResult, CreateResult } from './alert-store.ts';

const fieldManager = 'aegis-ingest';

/** Returns the alert store of an API server. */
export function createKubeAlerts(rest: RestClient): AlertStore {
  const client = resources(rest, aegisAlerts);

  return {
    create: async (alert, signal) => {
      try {
        return {
          outcome: 'created',
          alert: withoutManagedFields(await client.create(alert, { fieldManager, signal })),
        };
      } catch (error) {
        return createFailure(error);
      }
    },
    get: (namespace, name, signal) => client.find({ namespace, name }, { signal }),
    listByKeys: async (keys, signal) => {
      const { items } = await client.list({ labelSelector: `${labels.dedupKey} in (${keys.join(',')})`, signal });
      return items;
    },
    change: (alert, { annotations, spec }, signal) =>
      patch(alert, { metadata: { annotations }, spec }, { signal, fieldManager }),
    writeSeen: (alert, seen, signal) => patch(alert, { status: seen }, { signal, fieldManager, subresource: 'status' }),
  };

  /** The resource version causes a conflict when the object has changed, or is another one of the same name. */
  async function patch(alert: AegisAlert, body: MergePatch, options: PatchOptions): Promise<ChangeResult> {
    const { resourceVersion } = alert.metadata;
    const metadata = { ...(body['metadata'] as object | undefined), resourceVersion };
    try {
      const changed = await client.patch(alert.metadata, { ...body, metadata }, options);
      return { outcome: 'changed', alert: withoutManagedFields(changed) };
    } catch (error) {
      if (isNotFound(error)) return { outcome: 'stale' };
      if (error instanceof ApiError && error.retry.kind === 'conflict') return { outcome: 'stale' };
      return { outcome: 'refused', reason: refusalOf(error) };
    }
  }
}

function createFailure(error: unknown): CreateResult {
  if (isAlreadyExists(error)) return { outcome: 'exists' };
  if (isNotFound(error) || isTerminating(error)) return { outcome: 'noNamespace' };
  return { outcome: 'refused', reason: refusalOf(error) };
}

/** Whether the namespace is terminating and accepts no new objects. */
function isTerminating(error: unknown): boolean {
  const causes = error instanceof ApiError ? (error.details?.causes ?? []) : [];
  return causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

/** @throws the error when the same request may succeed later */
function refusalOf(error: unknown): string {
  if (error instanceof ApiError && error.retry.kind === 'terminal' && error.status !== 404) return error.message;
  throw error;
}
