import { isDeepStrictEqual } from 'node:util';

import type { KubeObject } from '../../crds/object.ts';
import type { Applied, ResourceClient } from './resources.ts';
import type { RequestOptions } from './rest.ts';

/** A kind with the status subresource. */
export interface WithStatus extends KubeObject {
  status?: object | undefined;
}

export interface StatusOptions<T extends WithStatus> extends RequestOptions {
  /** Owner of the fields; one per controller, such as `aegis-alert-status`. */
  readonly fieldManager: string;
  /**
   * The fields of the status that this manager owns, each as a whole; those of them that are missing in a status are
   * removed. Default: all fields.
   */
  readonly owns?: readonly (keyof NonNullable<T['status']> & string)[];
  /**
   * Write only if the object is unchanged since `object` was read, so that a delayed writer cannot overwrite a newer
   * status: else a conflict. Default true.
   */
  readonly ifUnchanged?: boolean;
}

/**
 * Writes a status by server-side apply, unless `object` has it already: reconciling again writes nothing. Applies only to
 * this very object, not to a later one of the same name.
 *
 * @param object as last read
 * @returns whether the status was written
 * @throws ApiError; with retry `conflict` when the object has changed or is another one
 */
export async function writeStatus<T extends WithStatus>(
  client: Pick<ResourceClient<T>, 'applyStatus'>,
  object: T,
  status: NonNullable<T['status']>,
  options: StatusOptions<T>,
): Promise<boolean> {
  const { fieldManager, owns, ifUnchanged = true, ...request } = options;
  // As the API server receives it: without undefined.
  const wanted = JSON.parse(JSON.stringify(status)) as Fields;
  const foreign = owns && Object.keys(wanted).find((field) => !owns.includes(field as never));
  if (foreign !== undefined) throw new Error(`${fieldManager} does not own status.${foreign}`);
  const present = (object.status ?? {}) as Fields;
  const fields = new Set<string>(owns ?? [...Object.keys(wanted), ...Object.keys(present)]);
  if ([...fields].every((field) => isDeepStrictEqual(wanted[field], present[field]))) return false;

  const { namespace, name, uid, resourceVersion } = object.metadata;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(ifUnchanged && resourceVersion !== undefined ? { resourceVersion } : {}),
  };
  const applied = { metadata, status: wanted } as unknown as Applied<T>;
  await client.applyStatus(applied, { ...request, fieldManager, force: true, metadataOnly: true });
  return true;
}

type Fields = Record<string, unknown>;
