import { accessReviews } from '../../../kube/access-review.ts';
import type { Authorizer } from '../../../kube/authorizer.ts';
import type { RestClient } from '../../../kube/client/rest.ts';
import { systemClock } from '../../../lib/clock.ts';

/** An authorizer that asks a real API server each time. */
export function reviewsOf(rest: RestClient): Authorizer {
  const review = accessReviews(rest, { clock: systemClock(), random: Math.random });
  return {
    authorize: async (user, resourceAttributes) => {
      const { allowed, reason } = await review({ user: user.name, groups: user.groups, resourceAttributes });
      return allowed ? { outcome: 'allowed' } : { outcome: 'denied', reason };
    },
  };
}
