import type { AccessReviewer, ResourceAttributes } from '../kubeapi/api.ts';
import { StatusError } from '../kubeapi/status.ts';
import type { User } from '../kubeapi/user.ts';

/** Who sent the object that is judged, and until when. */
export interface Context {
  readonly author: User;
  readonly signal: AbortSignal;
}

/**
 * Whether the author may do something himself.
 *
 * @throws StatusError when it cannot be found out
 */
export async function mayAuthor(
  access: AccessReviewer,
  attributes: ResourceAttributes,
  { author, signal }: Context,
): Promise<boolean> {
  try {
    await access.authorize(author, attributes, signal);
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 403) return false;
    throw error;
  }
}
