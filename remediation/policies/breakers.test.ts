import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { askGate, done, onNode } from '../../test/builders/gates.ts';
import { after, anAlert, aPolicy, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { breakersOf } from './breakers.ts';

const circuitBreaker = { failures: 2, openFor: '1h' };

function breakers(attempts: AegisRemediation[], now = noon, spec: Partial<RemediationPolicySpec> = { circuitBreaker }) {
  return breakersOf(aPolicy({ spec }), { cluster: aCluster({ attempts, alerts: [anAlert()] }), now });
}

const one = { rule: 'monitoring/disk', targetKind: 'Node' };
const first = done('Failed', '2026-01-02T11:10:00Z');
const second = done('Ineffective', '2026-01-02T11:30:00Z');

describe('the breakers of a policy', () => {
  it('the breakers of a policy count failures, open, and become half-open after their time', () => {
    expect(breakers([first])).toEqual([{ ...one, failures: 1, state: 'Closed' }]);
    const open = { ...one, failures: 2, state: 'Open', openUntil: '2026-01-02T12:30:00Z' };
    expect(breakers([first, second])).toEqual([open]);
    expect(breakers([first, second], after(1_800))).toEqual([{ ...one, failures: 2, state: 'HalfOpen' }]);
  });

  it('the breakers of a policy exist only for failures of attempts that the policy concerns', () => {
    expect(breakers([])).toEqual([]);
    expect(breakers([first, done('Succeeded', '2026-01-02T11:40:00Z')])).toEqual([]);
    expect(breakers([first, second], noon, {})).toEqual([]);
    const selector = { targetKinds: ['Pod'] };
    expect(breakers([first, second], noon, { circuitBreaker, selector })).toEqual([]);
  });

  it('the breakers of a policy are shown with the open ones first', () => {
    const reboot = { ruleRef: { namespace: 'monitoring', name: 'a-reboot', generation: 1 } };
    const rare = done('Failed', '2026-01-02T11:50:00Z', { metadata: { name: 'r' }, spec: reboot });
    expect(breakers([rare, first, second]).map(({ rule, state }) => [rule, state])).toEqual([
      ['monitoring/disk', 'Open'],
      ['monitoring/a-reboot', 'Closed'],
    ]);
  });

  it('the breakers of a policy show the answer of the gate to the next attempt', () => {
    const phase = fc.constantFrom(
      'Failed' as const,
      'Ineffective' as const,
      'Succeeded' as const,
      'Cancelled' as const,
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 119 }), phase), { selector: ([at]) => at }),
        (ends) => {
          const attempts = ends.map(([minutes, end]) =>
            done(
              end,
              after((minutes - 120) * 60)
                .toISOString()
                .replace('.000', ''),
            ),
          );
          const answer = askGate('circuit-breaker', {
            policy: { circuitBreaker },
            attempts,
            remediation: onNode({ metadata: { name: 'next', uid: 'next' } }),
          });
          const state = breakers(attempts)[0]?.state ?? 'Closed';
          const states = new Map<string | undefined, string>([
            ['CircuitOpen', 'Open'],
            ['CircuitHalfOpen', 'HalfOpen'],
          ]);
          const said = states.get(answer?.reason) ?? 'Closed';
          expect(state).toBe(said);
        },
      ),
    );
  });
});
