import { aegisRemediations } from '../../crds/remediation.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { AccessReview } from '../../kube/access-review.ts';
import type { RemediationPorts } from './ports.ts';

/** Of the subresources for users. */
const subresources = { group: 'subresources.aegis.io', version: 'v1alpha1' } as const;

/** Checks whether a user may still approve this attempt, as kube-apiserver did for the approval. */
export function approverRights(review: AccessReview): RemediationPorts['whyMayNotApprove'] {
  return async ({ metadata: { namespace = '', name } }, { user, groups }) => {
    const resource = { resource: aegisRemediations.plural, subresource: 'approve', namespace, name };
    try {
      const resourceAttributes = { ...subresources, verb: 'create', ...resource };
      const { allowed, reason } = await review({ user, groups, resourceAttributes });
      if (allowed) return undefined;
      return `may not approve it any more${reason === '' ? '' : ` (${reason})`}`;
    } catch (error) {
      // Without permission to check, no approval counts, and users must see that; other failures may be temporary.
      if (error instanceof ApiError && error.status === 403) return `it cannot be found out: ${error.message}`;
      throw error;
    }
  };
}
