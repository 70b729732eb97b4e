import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../kube/client/api-error.ts';
import { refusalOf } from './refusal.ts';

function answer(status: number, message = 'no'): ApiError {
  return new ApiError({ status, reason: 'x', message, retry: { kind: 'terminal' } });
}

describe('the refusal in an answer about a Workflow', () => {
  it.each([
    [400, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
    [401, 'unavailable'],
    [403, 'unavailable'],
    [404, 'unavailable'],
    [429, undefined],
    [500, undefined],
  ])('a status %s of the API server means the result %s', (status, outcome) => {
    expect(refusalOf(answer(status))?.outcome).toBe(outcome);
  });

  it('the result is unknown where a webhook keeps the API server from trying the Workflow', () => {
    const message = 'admission webhook "x" does not support dry run';
    expect(refusalOf(answer(400, message))).toEqual({ outcome: 'unavailable', message });
  });

  it('a failure without an answer of the API server is no refusal', () => {
    expect(refusalOf(new Error('x'))).toBeUndefined();
  });
});
