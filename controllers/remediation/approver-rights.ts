import { aegisRemediations } from '../../crds/remediation.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { AccessReview } from '../../kube/access-review.ts';
import type { RemediationPorts } from './ports.ts';

/** Of the subresources that people use. */
const subresources = { group: 'subresources.aegis.io', version: 'v1alpha1' } as const;

/** Asks whether a person may approve this very attempt, as kube-apiserver did when she approved it. */
export function approverRights(review: AccessReview): RemediationPorts['whyMayNotApprove'] {
  return async ({ metadata: { namespace = '', name } }, { user, groups }) => {
    const resource = { resource: aegisRemediations.plural, subresource: 'approve', namespace, name };
    try {
      const resourceAttributes = { ...subresources, verb: 'create', ...resource };
      const { allowed, reason } = await review({ user, groups, resourceAttributes });
      if (allowed) return undefined;
      return `may not approve it any more${reason === '' ? '' : ` (${reason})`}`;
    } catch (error) {
      // Without the right to ask nobody's approval counts, and that must be seen; everything else may pass.
      if (error instanceof ApiError && error.status === 403) return `it cannot be found out: ${error.message}`;
      throw error;
    }
  };
}
