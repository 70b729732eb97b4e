import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../lib/clock.ts';
import { untilAborted } from '../lib/deadline.ts';
import type { Logger } from '../lib/logger.ts';
import { oncePerObject } from '../lib/memoize.ts';
import type { AccessQuestion, AccessReview, AccessVerdict } from './access-review.ts';
import type { User } from './user.ts';

/** The action of a user: `resourceAttributes` of a SubjectAccessReview. */
export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Empty for a cluster-scoped resource. */
  readonly namespace: string;
  readonly name: string;
}

/** Whether a user may do something. */
export type Authorization =
  | { readonly outcome: 'allowed' }
  /** `reason` is given by kube-apiserver's authorizers; may be empty. */
  | { readonly outcome: 'denied'; readonly reason: string }
  /** kube-apiserver did not answer: nothing is known, so nothing is allowed. */
  | { readonly outcome: 'unknown'; readonly error: unknown };

/** Determines what users may do; kube-apiserver decides. */
export interface Authorizer {
  /** @throws the reason of the signal when it aborts first, and nothing else */
  authorize(user: User, attributes: ResourceAttributes, signal: AbortSignal): Promise<Authorization>;
}

export interface AuthorizerOptions {
  readonly review: AccessReview;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly logger: Logger;
  /** Called with each result; `cached` when kube-apiserver was not asked. */
  readonly onResult: (result: 'allowed' | 'denied' | 'error', cached: boolean) => void;
}

/** Milliseconds that a verdict is believed; a right that is taken away ends within this time. */
const ttlMs = 10_000;
const maxVerdicts = 8_192;
/** Characters. Longer questions are not remembered, so that no user can fill the memory with them. */
const maxRememberedQuestion = 10_000;
/** Characters; longer keys are hashed. */
const maxKey = 512;

/** Remembers each verdict for ten seconds, and asks the same question only once at a time. */
export class CachingAuthorizer implements Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #verdicts: LRUCache<string, AccessVerdict, AccessQuestion>;
  /** A user may have thousands of groups, and one request takes several reviews of one user. */
  readonly #hashOf = oncePerObject(({ name, uid, groups, extra }: User): string =>
    hash('sha256', JSON.stringify([name, uid, groups, extra]), 'base64'),
  );

  constructor(options: AuthorizerOptions) {
    this.#options = options;
    this.#verdicts = new LRUCache({
      max: maxVerdicts,
      ttl: ttlMs,
      ttlResolution: 0,
      perf: { now: () => options.clock.monotonicMs() },
      fetchMethod: (_key, _stale, { context }) => this.#review(context),
      // A question that is pushed out of the cache while it is asked has an answer all the same.
      ignoreFetchAbort: true,
    });
  }

  async authorize(user: User, attributes: ResourceAttributes, signal: AbortSignal): Promise<Authorization> {
    // As kube-apiserver does, which never asks its authorizers about this group.
    if (user.groups.includes('system:masters')) return { outcome: 'allowed' };
    try {
      const { allowed, reason } = await untilAborted(this.#find(user, attributes), signal);
      return allowed ? { outcome: 'allowed' } : { outcome: 'denied', reason };
    } catch (error) {
      if (signal.aborted) throw error;
      const { verb, resource } = attributes;
      this.#options.onResult('error', false);
      this.#options.logger.warn({ err: error, verb, resource }, 'Could not review access');
      return { outcome: 'unknown', error };
    }
  }

  async #find(user: User, attributes: ResourceAttributes): Promise<AccessVerdict> {
    const question = questionOf(user, attributes);
    if (lengthOf(attributes) >= maxRememberedQuestion) return this.#review(question);
    const status: LRUCache.Status<string, AccessVerdict, AccessQuestion> = {};
    const key = keyOf(this.#hashOf(user), attributes);
    const verdict = await this.#verdicts.forceFetch(key, { context: question, status });
    if (status.fetch === 'hit') this.#options.onResult(verdict.allowed ? 'allowed' : 'denied', true);
    return verdict;
  }

  async #review(question: AccessQuestion): Promise<AccessVerdict> {
    const verdict = await this.#options.review(question);
    this.#options.onResult(verdict.allowed ? 'allowed' : 'denied', false);
    return verdict;
  }
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

function keyOf(
  user: string,
  { verb, group, version, resource, subresource, namespace, name }: ResourceAttributes,
): string {
  const key = JSON.stringify([user, verb, group, version, resource, subresource, namespace, name]);
  return key.length <= maxKey ? key : hash('sha256', key, 'base64');
}

function lengthOf(attributes: ResourceAttributes): number {
  const { verb, group, version, resource, subresource = '', namespace, name } = attributes;
  return [verb, group, version, resource, subresource, namespace, name].join('').length;
}
