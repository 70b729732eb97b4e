import { labels } from '../../../crds/labels.ts';
import { ApiError, isAlreadyExists } from '../../../kube/client/api-error.ts';
import { configMaps, type ConfigMap } from '../../../kube/kinds/config-map.ts';
import { resources } from '../../../kube/client/resources.ts';
import type { RestClient } from '../../../kube/client/rest.ts';
import type { DeadLetterStore } from './dead-letters.ts';

/** Name of the ConfigMap with the dead letters. */
export const deadLettersName = 'aegis-ingest-dead-letters';

const fieldManager = 'aegis-ingest';

/** Stores dead letters in a ConfigMap: `kubectl get configmap aegis-ingest-dead-letters -o yaml` shows them. */
export function createKubeDeadLetters(rest: RestClient, namespace: string): DeadLetterStore {
  const client = resources(rest, configMaps);
  const key = { namespace, name: deadLettersName };
  return {
    read: async (signal) => {
      const found = await client.find(key, { signal });
      return found && { entries: found.data ?? {}, resourceVersion: found.metadata.resourceVersion };
    },
    write: async ({ entries, resourceVersion }, signal) => {
      const metadata = { ...key, labels: { [labels.managedBy]: 'aegis' } };
      const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: entries };
      try {
        if (resourceVersion === undefined) await client.create(object, { signal, fieldManager });
        else await client.replace({ ...object, metadata: { ...metadata, resourceVersion } }, { signal, fieldManager });
        return true;
      } catch (error) {
        if (isAlreadyExists(error) || (error instanceof ApiError && error.retry.kind === 'conflict')) return false;
        throw error;
      }
    },
  };
}
