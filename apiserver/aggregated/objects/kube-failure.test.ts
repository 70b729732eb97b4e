import { describe, expect, it } from '@jest/globals';
import { type ApiError, errorOfAnswer, errorOfFailure } from '../../../kube/client/api-error.ts';
import { kubeFailure } from './kube-failure.ts';
import { StatusError } from '../../kubeapi/status.ts';

function answer(status: number, body: object = {}): ApiError {
  const text = JSON.stringify({ kind: 'Status', status: 'Failure', code: status, ...body });
  return errorOfAnswer({ status, headers: {}, text }, true);
}

function told(error: unknown, repeatable = true) {
  const failure = kubeFailure(error, { repeatable });
  if (!(failure instanceof StatusError)) throw new Error('no Status');
  return failure.status;
}

const terminating = {
  reason: 'Forbidden',
  message: 'unable to create new content in namespace x because it is being terminated',
  details: { name: 'x', causes: [{ reason: 'NamespaceTerminating', message: 'namespace x is being terminated' }] },
};

describe('a failure of the API server', () => {
  it('a failure of the API server that is about the request is passed on with its causes', () => {
    expect(told(answer(403, terminating))).toMatchObject({ code: 403, ...terminating });
    expect(told(answer(422, { reason: 'Invalid', message: 'spec: bad' }))).toMatchObject({
      code: 422,
      reason: 'Invalid',
    });
  });

  it('a failure of the API server that is about the rights of Aegis says so', () => {
    expect(told(answer(403, { reason: 'Forbidden', message: 'no' })).message).toBe(
      'the API server denied Aegis itself: no',
    );
    expect(told(answer(401, { reason: 'Unauthorized', message: 'who?' }))).toMatchObject({ code: 503 });
  });

  it.each([
    ['no answer to a read', errorOfFailure({ code: 'ECONNRESET' }, false), false, 1],
    ['a connection that was never made', errorOfFailure({ code: 'ECONNREFUSED' }, true), false, 1],
    ['no answer to a write that can be repeated', errorOfFailure({ code: 'ECONNRESET' }, true), true, 1],
    ['no answer to a write that cannot', errorOfFailure({ code: 'ECONNRESET' }, true), false, undefined],
    ['a 500 to a write that cannot be repeated', answer(500), false, undefined],
  ])('a failure of the API server asks clients to retry only what is safe: %s', (_, error, repeatable, seconds) => {
    const status = told(error, repeatable);
    expect(status).toMatchObject({ code: 503, reason: 'ServiceUnavailable' });
    expect(status.details?.retryAfterSeconds).toBe(seconds);
    expect(status.message.includes('may have taken effect')).toBe(error.ambiguous);
  });

  it('a failure of the API server passes on its Retry-After', () => {
    const busy = errorOfAnswer({ status: 429, headers: { 'retry-after': '7' }, text: '' }, true);
    expect(told(busy)).toMatchObject({ code: 429, details: { retryAfterSeconds: 7 } });
  });

  it('other errors are returned unchanged', () => {
    const error = new Error('other');
    expect(kubeFailure(error)).toBe(error);
  });
});
