import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject, ResourceType } from '../../../crds/object.ts';
import { ApiError } from '../../../kube/client/api-error.ts';
import { withoutManagedFields } from '../../../kube/cache/informer.ts';
import { resources, type MergePatch } from '../../../kube/client/resources.ts';
import type { RestClient } from '../../../kube/client/rest.ts';
import type { Authorizer } from '../../../kube/authorizer.ts';
import type { Call } from '../../kubeapi/api.ts';
import { authorize } from '../authz/authorize.ts';
import { kubeFailure } from './kube-failure.ts';
import { conflict, objectNotFound } from '../../kubeapi/status.ts';
import { KeyedMutex } from '../../../lib/keyed-mutex.ts';
import { backoffMs } from '../../../lib/backoff.ts';

/** Field manager of changes that users make through this server. */
const fieldManager = 'aegis-apiserver';

/** Attempts; a worker, the ingest and other replicas of this server write the same objects. */
const tries = 15;
const pause = { baseMs: 10, capMs: 400 };
/** Milliseconds for one request; the user waits for the answer. */
const timeoutMs = 5_000;

/** Returns the change for the current state of an object; undefined when nothing changes. */
export type Decide<T> = (object: T) => { readonly patch: MergePatch; readonly subresource?: 'status' } | undefined;

/** Dependencies of changes of an object. */
export interface ChangeAccess {
  /** With Aegis's own rights. */
  readonly rest: RestClient;
  /** Reviews the rights of the caller. */
  readonly authorizer: Authorizer;
}

/** Changes the object of a call. */
export type ChangeObject<T> = (call: Call, decide: Decide<T>) => Promise<{ object: T; changed: boolean }>;

/**
 * Returns a function that changes objects of one kind for callers. It reads an object from the API server and writes it
 * only if it has not changed meanwhile; otherwise it decides again. The caller must have the right to read the object,
 * because the answer contains it.
 *
 * The function throws StatusError 403, 404, 409 (too many concurrent changes), 503, and what `decide` throws.
 */
export function objectChanger<T extends KubeObject>(
  { rest, authorizer }: ChangeAccess,
  type: ResourceType<T>,
): ChangeObject<T> {
  // Calls to one process are serialized for each object, instead of causing conflicts.
  const mutex = new KeyedMutex();
  return async (call, decide) => {
    const { user, namespace, name, signal } = call;
    const { group, version, plural: resource } = type;
    await authorize(authorizer, user, { verb: 'get', group, version, resource, namespace, name }, signal);
    return mutex.run(`${namespace}/${name}`, () => change(rest, type, call, decide));
  };
}

async function change<T extends KubeObject>(
  rest: RestClient,
  type: ResourceType<T>,
  call: Call,
  decide: Decide<T>,
): Promise<{ object: T; changed: boolean }> {
  const { name, signal, dryRun } = call;
  const { group, plural: resource } = type;
  const key = type.namespaced ? { namespace: call.namespace, name } : { name };
  const client = resources(rest, type);

  async function attempt(): Promise<{ object: T; changed: boolean } | 'conflict'> {
    const object = await client.find(key, { signal, timeoutMs });
    if (object === undefined) throw objectNotFound({ group, resource, name });
    const decided = decide(object);
    if (decided === undefined) return { object: withoutManagedFields(object), changed: false };
    const { patch, ...where } = decided;
    const metadata = { ...(patch['metadata'] as object | undefined), resourceVersion: object.metadata.resourceVersion };
    try {
      const options = { ...where, dryRun, fieldManager, signal, timeoutMs };
      const changed = await client.patch(key, { ...patch, metadata }, options);
      return { object: withoutManagedFields(changed), changed: true };
    } catch (error) {
      if (error instanceof ApiError && error.retry.kind === 'conflict') return 'conflict';
      throw error;
    }
  }

  try {
    signal.throwIfAborted();
    for (let index = 0; index < tries; index += 1) {
      const result = await attempt();
      if (result !== 'conflict') return result;
      await sleep(backoffMs(pause, index + 1, Math.random), undefined, { signal });
    }
  } catch (error) {
    throw kubeFailure(error);
  }
  throw conflict({ group, resource, name }, 'too many concurrent changes; nothing was done, try again');
}
