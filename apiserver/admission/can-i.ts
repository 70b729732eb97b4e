import type { Authorizer, ResourceAttributes } from '../../kube/authorizer.ts';
import type { User } from '../../kube/user.ts';
import { accessUnknown } from '../kubeapi/refusals.ts';

/** The user who sent the object, and the time limit. */
export interface ValidationContext {
  readonly user: User;
  readonly signal: AbortSignal;
}

/**
 * Returns whether the user who sent an object may do something.
 *
 * @throws StatusError 503 when it cannot be determined
 */
export async function canI(
  authorizer: Authorizer,
  attributes: ResourceAttributes,
  { user, signal }: ValidationContext,
): Promise<boolean> {
  const { outcome } = await authorizer.authorize(user, attributes, signal);
  if (outcome === 'unknown') throw accessUnknown();
  return outcome === 'allowed';
}
