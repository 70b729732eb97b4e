import type { KubeObject, ResourceType } from '../../../crds/object.ts';
import { ObjectName } from '../../../crds/schema.ts';
import { resources } from '../../../kube/client/resources.ts';
import type { RestClient } from '../../../kube/client/rest.ts';
import { kubeFailure } from './kube-failure.ts';
import { objectNotFound } from '../../kubeapi/status.ts';

/** An object, and where it was read from. */
export interface Found<T> {
  readonly object: T;
  readonly source: 'Cache' | 'Live';
}

/** Where objects of a kind are read from. */
export interface ObjectSource<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly cache: { get(namespace: string, name: string): T | undefined };
  readonly rest: RestClient;
}

interface Key {
  readonly namespace: string;
  readonly name: string;
}

/** Milliseconds; the user waits for the answer. */
const timeoutMs = 5_000;

/** Reads an object from the cache, else from the API server, which has new objects earlier. @throws StatusError 503 */
export async function lookUp<T extends KubeObject>(
  { type, cache, rest }: ObjectSource<T>,
  { namespace, name }: Key,
  signal: AbortSignal,
): Promise<Found<T> | undefined> {
  const cached = cache.get(namespace, name);
  if (cached !== undefined) return { object: cached, source: 'Cache' };
  // Only a valid name may become part of a path.
  if (!ObjectName.safeParse(name).success) return undefined;
  try {
    const object = await resources(rest, type).find({ namespace, name }, { signal, timeoutMs });
    return object === undefined ? undefined : { object, source: 'Live' };
  } catch (error) {
    throw kubeFailure(error);
  }
}

/** As `lookUp`. @throws StatusError 404, 503 */
export async function findObject<T extends KubeObject>(
  from: ObjectSource<T>,
  key: Key,
  signal: AbortSignal,
): Promise<Found<T>> {
  const found = await lookUp(from, key, signal);
  if (found !== undefined) return found;
  throw objectNotFound({ group: from.type.group, resource: from.type.plural, name: key.name });
}
