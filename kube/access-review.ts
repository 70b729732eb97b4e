import { ApiError } from './client/api-error.ts';
import type { Clock } from '../lib/clock.ts';
import { startDeadline } from '../lib/deadline.ts';
import type { RestClient } from './client/rest.ts';

/** `spec` of a SubjectAccessReview. */
export interface AccessQuestion {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes: {
    readonly verb: string;
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
}

/** Result of a SubjectAccessReview. */
export interface AccessVerdict {
  /** False when any authorizer denies, even if another one allows. */
  readonly allowed: boolean;
  /** From the authorizers; may be empty. */
  readonly reason: string;
}

/** Reviews access, without a cache. */
export type AccessReview = (question: AccessQuestion) => Promise<AccessVerdict>;

export interface AccessReviewOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds for all attempts together. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Retries as Kubernetes does for its own reviews. */
const pausesMs = [500, 750, 1_125, 1_687.5];
const jitter = 0.2;

/** Returns reviews by kube-apiserver. A review throws ApiError when there is no verdict in time. */
export function accessReviews(rest: RestClient, options: AccessReviewOptions): AccessReview {
  const { clock, random, timeoutMs = 10_000 } = options;
  const ask = async (spec: AccessQuestion, signal: AbortSignal): Promise<AccessVerdict> => {
    const review = await rest.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
      signal,
      timeoutMs,
      label: { verb: 'create', resource: 'subjectaccessreviews' },
    });
    return verdictOf(review);
  };
  return async (question) => {
    const deadline = startDeadline(timeoutMs);
    try {
      for (const pauseMs of pausesMs) {
        const verdict = await ask(question, deadline.signal).catch((error: unknown) => {
          if (deadline.signal.aborted || !mayPass(error)) throw error;
          return undefined;
        });
        if (verdict !== undefined) return verdict;
        await clock.sleep(pauseMs * (1 + random() * jitter), deadline.signal);
      }
      return await ask(question, deadline.signal);
    } finally {
      deadline.clear();
    }
  };
}

/** Returns whether a retry may help; missing rights of Aegis itself are not granted within seconds. */
function mayPass(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}

function verdictOf(review: unknown): AccessVerdict {
  const { status } = (review ?? {}) as { status?: { allowed?: unknown; denied?: unknown; reason?: unknown } };
  const { allowed, denied, reason } = status ?? {};
  return { allowed: allowed === true && denied !== true, reason: typeof reason === 'string' ? reason : '' };
}
