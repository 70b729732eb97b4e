import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { oncePerObject } from '../../../lib/memoize.ts';
import type { AccessQuestion, AccessReview, AccessVerdict } from '../../../kube/access-review.ts';
import { untilAborted } from '../../../lib/deadline.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { AccessReviewer, ResourceAttributes } from '../../kubeapi/api.ts';
import type { ApiMetrics } from '../metrics.ts';
import { forbidden, unavailable } from '../../kubeapi/refusals.ts';
import type { User } from '../../kubeapi/user.ts';

export interface AccessReviewerOptions {
  readonly review: AccessReview;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly logger: Logger;
  readonly metrics: Pick<ApiMetrics, 'accessReviews'>;
}

/** Milliseconds that a verdict is believed; a right that is taken away ends within this time. */
const allowedForMs = 10_000;
const deniedForMs = 10_000;
const maxVerdicts = 8_192;
/** Characters. Longer questions are not remembered, so that nobody can fill the memory with them. */
const maxRememberedQuestion = 10_000;
/** Characters; longer keys are hashed. */
const maxKey = 512;

/** Asks kube-apiserver, remembers for seconds, and never takes a failure for a yes. */
export function createAccessReviewer({ review, clock, logger, metrics }: AccessReviewerOptions): AccessReviewer {
  const verdicts = new LRUCache<string, { verdict: AccessVerdict; until: number }>({ max: maxVerdicts });
  const underWay = new Map<string, Promise<AccessVerdict>>();

  const recall = (key: string): AccessVerdict | undefined => {
    const known = verdicts.get(key);
    if (known === undefined || clock.monotonicMs() >= known.until) return undefined;
    metrics.accessReviews.inc({ result: known.verdict.allowed ? 'allowed' : 'denied', cached: 'true' });
    return known.verdict;
  };
  const ask = async (key: string, question: AccessQuestion): Promise<AccessVerdict> => {
    const verdict = await review(question);
    metrics.accessReviews.inc({ result: verdict.allowed ? 'allowed' : 'denied', cached: 'false' });
    const until = clock.monotonicMs() + (verdict.allowed ? allowedForMs : deniedForMs);
    if (lengthOf(question.resourceAttributes) < maxRememberedQuestion) verdicts.set(key, { verdict, until });
    return verdict;
  };
  /** Whoever asks the same meanwhile waits for the same answer. */
  const find = (key: string, question: AccessQuestion): Promise<AccessVerdict> => {
    const asked = underWay.get(key) ?? ask(key, question).finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  };

  return {
    authorize: async (user, attributes, signal) => {
      // As kube-apiserver itself does it, which never asks its authorisers about this group.
      if (user.groups.includes('system:masters')) return;
      const key = keyOf(user, attributes);
      let verdict = recall(key);
      try {
        verdict ??= await untilAborted(find(key, questionOf(user, attributes)), signal);
      } catch (error) {
        if (signal.aborted) throw error;
        metrics.accessReviews.inc({ result: 'error', cached: 'false' });
        logger.warn(
          { err: error, verb: attributes.verb, resource: attributes.resource },
          'Access could not be reviewed',
        );
        throw unavailable('it cannot be found out at the moment whether this is allowed');
      }
      if (!verdict.allowed) throw forbidden(user, attributes, verdict.reason);
    },
  };
}

function questionOf({ name: user, uid, groups, extra }: User, attributes: ResourceAttributes): AccessQuestion {
  const { verb, group, version, resource, subresource = '', namespace, name } = attributes;
  return {
    user,
    uid,
    groups,
    extra,
    resourceAttributes: { verb, group, version, resource, subresource, namespace, name },
  };
}

/** Who asks may have thousands of groups, and one request asks several questions about one user. */
const hashOfUser = oncePerObject(({ name, uid, groups, extra }: User): string =>
  hash('sha256', JSON.stringify([name, uid, groups, extra]), 'base64'),
);

function keyOf(
  user: User,
  { verb, group, version, resource, subresource, namespace, name }: ResourceAttributes,
): string {
  const key = JSON.stringify([hashOfUser(user), verb, group, version, resource, subresource, namespace, name]);
  return key.length <= maxKey ? key : hash('sha256', key, 'base64');
}

function lengthOf(attributes: AccessQuestion['resourceAttributes']): number {
  return Object.values(attributes).reduce((sum, value) => sum + value.length, 0);
}
