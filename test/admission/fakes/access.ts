import type { AccessReviewer } from '../../../apiserver/aggregated/api.ts';
import { StatusError } from '../../../apiserver/aggregated/status.ts';
import type { RestClient } from '../../../kube/rest.ts';

/** Asks the API server each time; the smallest thing that is true. */
export function kubeAccess(rest: RestClient): AccessReviewer {
  return {
    authorize: async ({ name: user, uid, groups, extra }, resourceAttributes, signal) => {
      const answer = await rest.request({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user, uid, groups, extra, resourceAttributes },
        },
        signal,
      });
      const { allowed } = (answer as { status: { allowed: boolean } }).status;
      if (!allowed) throw new StatusError(403, 'Forbidden', 'forbidden');
    },
  };
}
