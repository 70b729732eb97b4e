import { describe, expect, it } from '@jest/globals';

import { errorOfAnswer, errorOfFailure, errorOfStatus, isExpired, isNotFound } from './api-error.ts';
import { status } from '../../test/kube/fake-api.ts';

function answer(code: number, body: unknown, headers: Record<string, string> = {}, write = false) {
  return errorOfAnswer({ status: code, headers, text: typeof body === 'string' ? body : JSON.stringify(body) }, write);
}

describe('the error for an answer', () => {
  it.each([
    [400, 'terminal'],
    [401, 'retryable'],
    [403, 'retryable'],
    [404, 'terminal'],
    [405, 'terminal'],
    [409, 'conflict'],
    [410, 'retryable'],
    [413, 'terminal'],
    [415, 'terminal'],
    [422, 'terminal'],
    [429, 'retryable'],
    [500, 'retryable'],
    [503, 'retryable'],
    [504, 'retryable'],
  ])('a response with status %i is %s', (code, kind) => {
    expect(answer(code, status(code, 'Any')).retry).toEqual({ kind });
  });

  it('an ApiError has the reason, message and details of the Status', () => {
    const details = { name: 'a', kind: 'things', causes: [{ field: 'spec.x', message: 'is wrong' }] };
    expect(answer(422, status(422, 'Invalid', 'thing "a" is wrong', details))).toMatchObject({
      status: 422,
      reason: 'Invalid',
      message: 'thing "a" is wrong',
      details,
    });
  });

  it('an ApiError honours Retry-After of the header and of the details', () => {
    expect(answer(429, '', { 'retry-after': '7' }).retry).toEqual({ kind: 'retryable', afterMs: 7_000 });
    expect(answer(504, status(504, 'Timeout', '', { retryAfterSeconds: 2 })).retry).toEqual({
      kind: 'retryable',
      afterMs: 2_000,
    });
    expect(answer(503, '', { 'retry-after': 'soon' }).retry).toEqual({ kind: 'retryable' });
  });

  it('isNotFound distinguishes a missing object from a resource that is not served', () => {
    expect(isNotFound(answer(404, status(404, 'NotFound')))).toBe(true);
    const unserved = answer(404, '404 page not found\n');
    expect(isNotFound(unserved)).toBe(false);
    expect(unserved).toMatchObject({ message: 'HTTP 404: 404 page not found', retry: { kind: 'retryable' } });
  });

  it('a write is ambiguous when the server failed, not when it refused', () => {
    expect(answer(500, '', {}, true).ambiguous).toBe(true);
    expect(answer(500, '', {}, false).ambiguous).toBe(false);
    expect(answer(429, '', {}, true).ambiguous).toBe(false);
  });

  it('the message of a response without a Status is cut', () => {
    expect(answer(502, `<html>${'x'.repeat(5_000)}`).message.length).toBeLessThan(250);
  });

  it('an ERROR event with status 410 is recognised as expired', () => {
    expect(isExpired(errorOfStatus(status(410, 'Expired')))).toBe(true);
    expect(errorOfStatus({})).toMatchObject({ status: 500, retry: { kind: 'retryable' } });
  });
});

describe('the error for a missing answer', () => {
  it('a write without a response is ambiguous unless there was no connection', () => {
    expect(errorOfFailure(Object.assign(new Error('x'), { code: 'UND_ERR_SOCKET' }), true).ambiguous).toBe(true);
    expect(errorOfFailure(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), true).ambiguous).toBe(false);
    expect(errorOfFailure(Object.assign(new Error('x'), { code: 'ECONNRESET' }), false).ambiguous).toBe(false);
  });
});
