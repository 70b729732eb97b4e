import type { ResourceType } from '../../../crds/object.ts';
import type { Authorizer, ResourceAttributes } from '../../../kube/authorizer.ts';
import type { User } from '../../../kube/user.ts';
import type { Call } from '../../kubeapi/api.ts';
import { accessUnknown, forbidden } from '../../kubeapi/refusals.ts';
import { StatusError } from '../../kubeapi/status.ts';

/**
 * Requires that a user may do something.
 *
 * @throws StatusError 403 when not allowed, 503 when it cannot be determined
 */
export async function authorize(
  authorizer: Authorizer,
  user: User,
  attributes: ResourceAttributes,
  signal: AbortSignal,
): Promise<void> {
  const result = await authorizer.authorize(user, attributes, signal);
  if (result.outcome === 'denied') throw forbidden(user, attributes, result.reason);
  if (result.outcome === 'unknown') throw accessUnknown();
}

/** An operation of a caller on an object. */
export interface ObjectAccess {
  readonly verb: 'get' | 'use';
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Requires that the caller may do something to an object. Reads and writes of Aegis for a caller with its own rights
 * must be within the rights of the caller.
 *
 * @throws StatusError 403 when not allowed, 503 when it cannot be determined
 */
export async function requireAccess(
  authorizer: Authorizer,
  { user, signal }: Pick<Call, 'user' | 'signal'>,
  { verb, type, namespace, name }: ObjectAccess,
): Promise<void> {
  const { group, version, plural } = type;
  await authorize(authorizer, user, { verb, group, version, resource: plural, namespace, name }, signal);
}

/** Returns why `requireAccess` would fail; undefined when the caller is allowed. */
export async function whyNot(...args: Parameters<typeof requireAccess>): Promise<string | undefined> {
  try {
    await requireAccess(...args);
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}
