import { describe, expect, it } from '@jest/globals';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { anAlert, aPolicy, aRemediation } from '../../test/builders/objects.ts';
import { attemptLimitsOf } from './attempt-limits.ts';
import { effectivePolicy } from './effective.ts';

const selected = { remediation: aRemediation({ spec: { target: { kind: 'Node', name: 'dev1' } } }), alert: anAlert() };
const verification = { healthyFor: '1m', timeout: '10m' };
/** Of targets that cannot be told. */
const perhaps = { selector: { targetSelector: { matchLabels: { pool: 'gpu' } } } };
const elsewhere = { selector: { namespaces: ['elsewhere'] } };

const limitsOf = (...specs: Partial<RemediationPolicySpec>[]) =>
  attemptLimitsOf(
    specs.map((spec) => aPolicy({ spec })),
    selected,
  );

describe('the limits of attempts for an episode', () => {
  it.each<[string, Partial<RemediationPolicySpec>[], ReturnType<typeof attemptLimitsOf>]>([
    ['no policy sets limits', [], { maxAttempts: 1, backoffMs: 60_000, verified: false }],
    ['a policy sets them', [{ maxAttempts: 3, verification }], { maxAttempts: 3, backoffMs: 60_000, verified: true }],
    [
      'two set them: the fewest attempts and the longest backoff',
      [
        { maxAttempts: 3, backoff: '10s' },
        { maxAttempts: 2, backoff: '2m', verification },
      ],
      { maxAttempts: 2, backoffMs: 120_000, verified: true },
    ],
    [
      'the policy concerns others',
      [{ maxAttempts: 3, verification, ...elsewhere }],
      { maxAttempts: 1, backoffMs: 60_000, verified: false },
    ],
    [
      'the policy may concern others: it allows nothing',
      [{ maxAttempts: 3, verification, ...perhaps }],
      { maxAttempts: 1, backoffMs: 60_000, verified: true },
    ],
    [
      'the policy may concern others: it restricts',
      [
        { maxAttempts: 5, verification },
        { maxAttempts: 2, ...perhaps },
      ],
      { maxAttempts: 2, backoffMs: 60_000, verified: true },
    ],
  ])('the limits of an episode are right when %s', (_, specs, expected) => {
    expect(limitsOf(...specs)).toEqual(expected);
  });
});

describe('stopping Workflows on a resolve', () => {
  it('a resolve stops a Workflow where one policy that may concern it says so', () => {
    const stopsOnResolve = (...asked: Parameters<typeof effectivePolicy>) =>
      effectivePolicy(...asked).onResolve === 'Stop';
    const stop = { onResolve: 'Stop' } as const;
    expect(stopsOnResolve([aPolicy(), aPolicy({ spec: stop })], selected)).toBe(true);
    expect(stopsOnResolve([aPolicy({ spec: { ...stop, ...perhaps } })], selected)).toBe(true);
    expect(stopsOnResolve([aPolicy(), aPolicy({ spec: { ...stop, ...elsewhere } })], selected)).toBe(false);
  });
});
