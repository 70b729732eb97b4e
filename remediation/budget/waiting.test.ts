import { describe, expect, it } from '@jest/globals';
import type { RemediationPhase } from '../../crds/remediation.ts';
import { aPolicy, aRemediation } from '../../test/builders/objects.ts';
import { concernedBy, concernedByEnd } from './waiting.ts';

function attempt(name: string, minute: number, phase?: RemediationPhase, policy = 'all') {
  const creationTimestamp = `2026-01-02T11:${String(minute).padStart(2, '0')}:00Z`;
  const message = `policy ${policy}: 2 of 2`;
  return aRemediation({
    metadata: { name, uid: name, creationTimestamp },
    ...(phase === undefined ? {} : { status: { phase, reason: 'BudgetExceeded', message } }),
  });
}

function policy(maxParallel: number, ...holders: string[]) {
  const reservations = holders.map((uid) => ({ remediation: `monitoring/${uid}`, uid, time: '2026-01-02T12:00:00Z' }));
  return aPolicy({ metadata: { name: 'all' }, spec: { budget: { maxParallel } }, status: { reservations } });
}

const names = (attempts: readonly ReturnType<typeof aRemediation>[]) => attempts.map(({ metadata }) => metadata.name);

const waiting = [
  attempt('third', 30, 'Blocked'),
  attempt('first', 10, 'Blocked'),
  attempt('other', 1, 'Blocked', 'some'),
  attempt('second', 20),
  attempt('runs', 2, 'Running'),
];

describe('the attempts that a change of a budget concerns', () => {
  it('a change of a budget enqueues as many waiting attempts as may fit, the oldest first', () => {
    expect(names(concernedBy(policy(3, 'runs'), waiting))).toEqual(['first', 'second']);
    expect(names(concernedBy(policy(9), waiting))).toEqual(['first', 'second', 'third']);
    expect(concernedBy(policy(1, 'runs'), waiting)).toEqual([]);
  });

  it('a change of a budget enqueues ended attempts that still hold a part of it', () => {
    const over = attempt('over', 1, 'Succeeded');
    expect(names(concernedBy(policy(1, 'over'), [...waiting, over]))).toEqual(['over']);
  });

  it('a change of a policy without a budget enqueues no attempt', () => {
    expect(concernedBy(aPolicy(), waiting)).toEqual([]);
  });
});

describe('the attempts that the end of an attempt concerns', () => {
  it('the end of an attempt enqueues those that wait for a budget that it no longer holds; else its release does', () => {
    const over = attempt('over', 1, 'Succeeded');
    expect(names(concernedByEnd(over, [policy(1)], () => waiting))).toEqual(['first']);
    expect(concernedByEnd(over, [policy(2, 'over')], () => waiting)).toEqual([]);
  });
});
