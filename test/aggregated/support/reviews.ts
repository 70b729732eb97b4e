import type { AccessReviewer } from '../../../apiserver/kubeapi/api.ts';
import { StatusError } from '../../../apiserver/kubeapi/status.ts';
import type { RestClient } from '../../../kube/client/rest.ts';

/** Asks a real API server each time. */
export function reviewsOf(rest: RestClient): AccessReviewer {
  return {
    authorize: async (user, attributes) => {
      const answer = (await rest.request({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user: user.name, groups: user.groups, resourceAttributes: attributes },
        },
      })) as { status?: { allowed?: boolean } };
      if (answer.status?.allowed === true) return;
      const { verb, resource, group, name, namespace } = attributes;
      const what = `${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
      throw new StatusError(
        403,
        'Forbidden',
        `${resource}.${group} "${name}" is forbidden: User "${user.name}" cannot ${what}`,
      );
    },
  };
}
