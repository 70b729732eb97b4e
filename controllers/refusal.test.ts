import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../kube/client/api-error.ts';
import { refusalOf } from './refusal.ts';

function answer(status: number, message = 'no'): ApiError {
  return new ApiError({ status, reason: 'x', message, retry: { kind: 'terminal' } });
}

describe('what an answer says about a Workflow', () => {
  it.each([
    [400, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
    [401, 'unavailable'],
    [403, 'unavailable'],
    [404, 'unavailable'],
    [429, undefined],
    [500, undefined],
  ])('a %s means %s', (status, outcome) => {
    expect(refusalOf(answer(status))?.outcome).toBe(outcome);
  });

  it('nothing is known where a webhook keeps the API server from trying it', () => {
    const message = 'admission webhook "x" does not support dry run';
    expect(refusalOf(answer(400, message))).toEqual({ outcome: 'unavailable', message });
  });

  it('a failure that is no answer is passed on', () => {
    expect(refusalOf(new Error('x'))).toBeUndefined();
  });
});
