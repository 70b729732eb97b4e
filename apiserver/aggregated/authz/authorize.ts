import type { ResourceType } from '../../../crds/object.ts';
import type { AccessReviewer, Call } from '../../kubeapi/api.ts';
import { StatusError } from '../../kubeapi/status.ts';

/** Something that a caller would do herself to an object. */
export interface Deed {
  readonly verb: 'get' | 'use';
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Asks whether the caller herself may do something to an object: what we read and write with our own rights must be hers
 * to see and to start.
 *
 * @throws StatusError 403 when she may not, 503 when it cannot be found out
 */
export async function requireRight(
  access: AccessReviewer,
  { user, signal }: Pick<Call, 'user' | 'signal'>,
  { verb, type, namespace, name }: Deed,
): Promise<void> {
  const { group, version, plural } = type;
  await access.authorize(user, { verb, group, version, resource: plural, namespace, name }, signal);
}

/** As `requireRight`, but answers why not; what cannot be found out is not allowed. */
export async function whyNot(...question: Parameters<typeof requireRight>): Promise<string | undefined> {
  try {
    await requireRight(...question);
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}
