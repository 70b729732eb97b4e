import { describe, expect, it } from '@jest/globals';
import { DeadlineExceededError } from '../../lib/deadline.ts';
import { decide, maxAttempts, RunCancelledError } from './error-policy.ts';

function failure(retry: unknown): Error {
  return Object.assign(new Error('no'), { retry });
}

const least = () => 0;
const most = () => 0.999_999;

describe('decide', () => {
  it.each([
    ['an error without a retry decision', new Error('no'), { kind: 'unknown', next: 'retry', delayMs: 250 }],
    ['a thrown text', 'no', { kind: 'unknown', next: 'retry', delayMs: 250 }],
    ['an invalid retry decision', failure({ kind: 'maybe' }), { kind: 'unknown', next: 'retry', delayMs: 250 }],
    ['a retryable error', failure({ kind: 'retryable' }), { kind: 'retryable', next: 'retry', delayMs: 250 }],
    [
      'a retryable error with a delay',
      failure({ kind: 'retryable', afterMs: 7_000 }),
      { kind: 'retryable', next: 'retry', delayMs: 7_000 },
    ],
    ['a conflict', failure({ kind: 'conflict' }), { kind: 'conflict', next: 'retry', delayMs: 25 }],
    ['a terminal error', failure({ kind: 'terminal' }), { kind: 'terminal', next: 'dead-letter', delayMs: 0 }],
    ['a deadline', new DeadlineExceededError('late'), { kind: 'deadline', next: 'retry', delayMs: 250 }],
    ['a worker that stops', new RunCancelledError('stop'), { kind: 'cancelled', next: 'retry', delayMs: 0 }],
  ])('the error policy returns the expected decision for %s', (_name, error, expected) => {
    expect(decide(error, 1, least)).toEqual(expected);
  });

  it('the retry delay doubles up to 30 seconds, with jitter of one half', () => {
    const delays = [1, 2, 3, 7].map((attempt) => decide(new Error('no'), attempt, most).delayMs);
    expect(delays).toEqual([500, 1_000, 2_000, 30_000]);
    expect(decide(new Error('no'), 7, least).delayMs).toBe(15_000);
  });

  it('a key becomes a dead key after the last allowed run', () => {
    expect(decide(failure({ kind: 'retryable' }), maxAttempts, least).next).toBe('dead-letter');
  });

  it('a delay that another server asks for is at most five minutes', () => {
    expect(decide(failure({ kind: 'retryable', afterMs: 1e9 }), 1, least).delayMs).toBe(300_000);
  });
});
