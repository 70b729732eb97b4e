import { describe, expect, it } from '@jest/globals';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { after, anAlert } from '../../test/builders/objects.ts';
import { askGate, done, onNode, type Asked } from '../../test/builders/gates.ts';

const byHand = { requestedBy: { username: 'jane', via: 'kubectl' as const } };
const recovery = onNode({ spec: { alertStatus: 'Resolved' } });

describe('the gate of cool-downs', () => {
  const ask = (attempts: AegisRemediation[], facts: Asked = {}) =>
    askGate('cooldown', { policy: { cooldown: '10m' }, attempts, ...facts });

  it('the gate of cool-downs blocks a target after any action on it, and shows until when', () => {
    const other = done('Failed', '2026-01-02T11:55:00Z', {
      metadata: { name: 'other' },
      spec: { ruleRef: { namespace: 'team', name: 'reboot', generation: 1 } },
    });
    expect(ask([done('Succeeded', '2026-01-02T11:00:00Z'), other])).toEqual({
      reason: 'CoolingDown',
      message: 'other acted on Node dev1 until 2026-01-02T11:55:00Z',
      until: after(300),
    });
    expect(ask([other], { now: after(300) })).toBeUndefined();
  });

  it('the gate of cool-downs ignores other targets, the attempt itself, and attempts that did nothing', () => {
    const elsewhere = done('Succeeded', '2026-01-02T11:59:00Z', { spec: { target: { kind: 'Node', name: 'dev2' } } });
    const rejected = onNode({
      metadata: { uid: 'rejected' },
      status: { phase: 'Rejected', completionTime: '2026-01-02T11:59:00Z' },
    });
    const running = onNode({
      metadata: { uid: 'running' },
      status: { phase: 'Running', startTime: '2026-01-02T11:59:00Z' },
    });
    expect(ask([elsewhere, rejected, running, onNode()])).toBeUndefined();
  });

  it('the gate of cool-downs passes an undo attempt at once', () => {
    expect(ask([done('Succeeded', '2026-01-02T11:59:00Z')], { remediation: recovery })).toBeUndefined();
  });

  it('the gate of cool-downs takes the longest of several policies, and none where no policy sets one', () => {
    const attempts = [done('Succeeded', '2026-01-02T11:59:00Z')];
    expect(askGate('cooldown', { attempts })).toBeUndefined();
  });
});

describe('the gate of attempts', () => {
  const siblings = [done('Ineffective', '2026-01-02T11:00:00Z'), done('Failed', '2026-01-02T11:30:00Z')];
  const policy = { maxAttempts: 3, verification: { healthyFor: '1m', timeout: '5m' } };
  const ask = (facts: Asked) => askGate('attempts-exhausted', facts);

  it('the gate of attempts allows one attempt where no policy grants more', () => {
    expect(ask({ siblings: siblings.slice(1) })).toMatchObject({
      reason: 'AttemptsExhausted',
      message: '1 of 1 attempts for this alert have acted; a user may still trigger one',
    });
    expect(ask({})).toBeUndefined();
  });

  it('the gate of attempts allows as many attempts as the policies grant', () => {
    expect(ask({ siblings, policy })).toBeUndefined();
    const third = done('Ineffective', '2026-01-02T11:45:00Z');
    expect(ask({ siblings: [...siblings, third], policy })?.reason).toBe('AttemptsExhausted');
  });

  it('the gate of attempts counts deleted attempts, and not those that never acted', () => {
    const remediations = [
      { name: 'gone', rule: 'monitoring/disk', phase: 'Failed' },
      { name: 'never', rule: 'monitoring/disk', phase: 'Cancelled' },
    ];
    expect(ask({ alert: anAlert({ status: { count: 1, remediations } }) })?.message).toContain('1 of 1');
    const rejected = onNode({ metadata: { uid: 'r', name: 'r' }, status: { phase: 'Rejected' } });
    expect(ask({ siblings: [rejected] })).toBeUndefined();
  });

  it('the gate of attempts passes attempts of users, and undo attempts', () => {
    expect(ask({ siblings, remediation: onNode({ spec: byHand }) })).toBeUndefined();
    expect(ask({ siblings, remediation: recovery })).toBeUndefined();
  });
});

describe('the circuit breaker', () => {
  const policy = { circuitBreaker: { failures: 3, openFor: '1h' } };
  const on = (name: string) => ({ spec: { target: { kind: 'Node', name } } });
  const failures = [
    done('Failed', '2026-01-02T11:10:00Z', on('a')),
    done('Ineffective', '2026-01-02T11:20:00Z', on('b')),
    done('Failed', '2026-01-02T11:30:00Z', { ...on('c'), metadata: { name: 'third' } }),
  ];
  const ask = (attempts: AegisRemediation[], facts: Asked = {}) =>
    askGate('circuit-breaker', { policy, attempts, ...facts });

  it('the circuit breaker opens after failures in a row on different targets, for a time after the last', () => {
    expect(ask(failures)).toEqual({
      reason: 'CircuitOpen',
      message: '3 attempts of rule monitoring/disk failed in a row, third the last',
      until: after(1800),
    });
    expect(ask(failures.slice(1))).toBeUndefined();
  });

  it('the circuit breaker is closed by a success, not by an inconclusive attempt or a dry run', () => {
    const dry = done('DryRun', '2026-01-02T11:40:00Z', { spec: { dryRun: true } });
    expect(ask([...failures, done('Succeeded', '2026-01-02T11:40:00Z')])).toBeUndefined();
    expect(ask([...failures, done('Inconclusive', '2026-01-02T11:40:00Z'), dry])?.reason).toBe('CircuitOpen');
  });

  it('the circuit breaker counts for one rule on one kind of target', () => {
    const onPods = onNode({ spec: { target: { kind: 'Pod', name: 'p', namespace: 'n' } } });
    const other = onNode({ spec: { ruleRef: { namespace: 'monitoring', name: 'reboot', generation: 1 } } });
    expect(ask(failures, { remediation: onPods })).toBeUndefined();
    expect(ask(failures, { remediation: other })).toBeUndefined();
  });

  it('the circuit breaker passes undo attempts', () => {
    expect(ask(failures, { remediation: recovery })).toBeUndefined();
  });

  it('the circuit breaker half-opens with one approval, whose time starts when it is first required', () => {
    const now = after(1800);
    expect(ask(failures, { now })).toMatchObject({
      phase: 'AwaitingApproval',
      reason: 'CircuitHalfOpen',
      until: after(1800 + 900),
    });
    const timeline = [
      { time: '2026-01-02T12:30:00Z', phase: 'AwaitingApproval' as const, reason: 'CircuitHalfOpen' as const },
    ];
    const asked = onNode({ status: { phase: 'AwaitingApproval', timeline } });
    expect(ask(failures, { remediation: asked, now: after(1800 + 900) })).toMatchObject({ phase: 'Expired' });
    const approvals = [{ user: 'jane', via: 'kubectl', time: '2026-01-02T12:31:00Z', decision: 'Approved' as const }];
    const approved = onNode({ status: { phase: 'AwaitingApproval', timeline, approvals } });
    expect(ask(failures, { remediation: approved, now: after(1900) })).toBeUndefined();
    expect(ask(failures, { remediation: onNode({ spec: byHand }), now })).toBeUndefined();
  });

  it('the circuit breaker passes one attempt at a time, the oldest first, and skips one that waits for another gate', () => {
    const now = after(1800);
    const older = (status: NonNullable<AegisRemediation['status']>) =>
      onNode({ metadata: { name: 'older', uid: 'older', creationTimestamp: '2026-01-02T11:35:00Z' }, status });
    for (const status of [
      { phase: 'Blocked', reason: 'CircuitOpen' },
      { phase: 'AwaitingApproval', reason: 'CircuitHalfOpen' },
      { phase: 'Approved' },
      { phase: 'Running', startTime: '2026-01-02T12:29:00Z' },
    ] as const) {
      expect(ask([...failures, older(status)], { now })?.message).toContain('older goes first');
    }
    const silenced = older({ phase: 'Blocked', reason: 'Silenced' });
    expect(ask([...failures, silenced], { now })?.reason).toBe('CircuitHalfOpen');
    const younger = onNode({
      metadata: { name: 'younger', uid: 'younger', creationTimestamp: '2026-01-02T12:01:00Z' },
    });
    expect(ask([...failures, younger], { now })?.reason).toBe('CircuitHalfOpen');
    const trying = { ...younger, status: { phase: 'Approved' as const } };
    expect(ask([...failures, trying], { now })?.message).toContain('younger goes first');
  });
});
