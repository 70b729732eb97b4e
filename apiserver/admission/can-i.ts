import type { Authorizer, ResourceAttributes } from '../../kube/authorizer.ts';
import type { User } from '../../kube/user.ts';
import { accessUnknown } from '../kubeapi/refusals.ts';

/** The author of the object that is validated, and the time that there is. */
export interface Context {
  readonly author: User;
  readonly signal: AbortSignal;
}

/**
 * Returns whether the author of an object may do something.
 *
 * @throws StatusError 503 when it cannot be determined
 */
export async function canI(
  authorizer: Authorizer,
  attributes: ResourceAttributes,
  { author, signal }: Context,
): Promise<boolean> {
  const { outcome } = await authorizer.authorize(author, attributes, signal);
  if (outcome === 'unknown') throw accessUnknown();
  return outcome === 'allowed';
}
