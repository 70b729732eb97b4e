import { describe, expect, it } from '@jest/globals';
import { fakeRest } from '../test/fakes/rest-client.ts';
import { accessReviews, type AccessQuestion } from './access-review.ts';
import { ApiError } from './client/api-error.ts';
import type { RestRequest } from './client/rest.ts';

const question: AccessQuestion = {
  user: 'u',
  groups: ['g'],
  resourceAttributes: { verb: 'get', group: '', version: 'v1', resource: 'pods', namespace: 'ns', name: 'p' },
};

function failure(status: number): ApiError {
  return new ApiError({ status, reason: '', message: `status ${status}`, retry: { kind: 'retryable' } });
}

/** Asks an API server that answers one after the other. */
async function ask(answers: readonly unknown[]) {
  const rest = [...answers];
  const requests: RestRequest[] = [];
  const pauses: number[] = [];
  const review = accessReviews(
    fakeRest((request) => {
      requests.push(request);
      const answer = rest.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    }),
    {
      clock: {
        sleep: (ms) => {
          pauses.push(ms);
          return Promise.resolve();
        },
      },
      random: () => 0,
    },
  );
  const verdict = await review(question).catch((error: unknown) => error);
  return { verdict, requests, pauses };
}

describe('a review of access', () => {
  it('an access review sends the question unchanged', async () => {
    const { requests, verdict } = await ask([{ status: { allowed: true, reason: 'RBAC' } }]);
    expect(verdict).toEqual({ allowed: true, reason: 'RBAC' });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: question },
      },
    ]);
  });

  it.each([
    ['a denial beats an allowance', { status: { allowed: true, denied: true } }],
    ['no opinion is a no', { status: { allowed: false } }],
    ['no status is a no', {}],
    ['no answer is a no', undefined],
    ['anything but true is a no', { status: { allowed: 'true' } }],
  ])('%s', async (_, answer) => {
    expect((await ask([answer])).verdict).toMatchObject({ allowed: false });
  });

  it('an access review is tried five times, with growing pauses', async () => {
    const { verdict, pauses } = await ask([failure(0), failure(503), failure(429), failure(500), failure(0)]);
    expect(verdict).toMatchObject({ message: 'status 0' });
    expect(pauses).toEqual([500, 750, 1_125, 1_687.5]);
  });

  it('an access review returns the first answer', async () => {
    const { verdict, pauses } = await ask([failure(0), { status: { allowed: true } }]);
    expect(verdict).toMatchObject({ allowed: true });
    expect(pauses).toHaveLength(1);
  });

  it.each([401, 403, 400, 404])('an access review is not retried after a %s', async (status) => {
    const { verdict, requests } = await ask([failure(status), { status: { allowed: true } }]);
    expect(verdict).toBeInstanceOf(ApiError);
    expect(requests).toHaveLength(1);
  });
});
