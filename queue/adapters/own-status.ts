import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../crds/object.ts';
import type { Applied, ResourceClient } from '../../kube/resources.ts';

/** The field manager of the worker. */
export const worker = 'aegis-worker';

/**
 * Writes the fields of a status that the worker owns, and nothing when the object has them already.
 *
 * @param onlyIfUnchanged the write fails with a conflict when the object has changed since it was read
 */
export async function writeOwnStatus<T extends KubeObject & { status?: object }>(
  client: ResourceClient<T>,
  object: T,
  status: object,
  { onlyIfUnchanged = false } = {},
): Promise<void> {
  const current: Record<string, unknown> = { ...object.status };
  const differs = Object.entries(status).some(([field, value]) => !isDeepStrictEqual(current[field], value));
  if (!differs) return;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const applied = {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(onlyIfUnchanged && resourceVersion !== undefined ? { resourceVersion } : {}),
    },
    status,
  } as unknown as Applied<T>;
  await client.applyStatus(applied, { fieldManager: worker, force: true });
}
