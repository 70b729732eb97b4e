import { describe, expect, it } from '@jest/globals';
import type { RemediationPhase } from '../../crds/remediation.ts';
import { after, aRemediation, aRule, aTemplate, anAlert, noon } from '../../test/builders/objects.ts';
import { decideAlert, refusedStatus, type AlertFacts } from './decide.ts';
import { compileRule } from '../../rules/compile.ts';
import { matchRules } from '../../rules/match.ts';

const lifetimeDefaults = { afterSuccess: 100_000, afterFailure: 200_000, afterNoOps: 300_000, staleAfter: 1_000_000 };

function facts(changes: Partial<AlertFacts> = {}): AlertFacts {
  return {
    alert: anAlert(),
    match: (alert) => matchRules(alert, [compileRule(aRule())]),
    template: () => aTemplate(),
    remediations: [],
    plan: () => ({ ok: true, remediation: aRemediation() }),
    limits: () => ({ maxAttempts: 1, backoffMs: 60_000, verified: false }),
    lifetimeDefaults,
    now: noon,
    ...changes,
  };
}

function withPhases(...phases: RemediationPhase[]): AlertFacts {
  const remediations = phases.map((phase, index) =>
    aRemediation({ metadata: { name: `r${index}` }, status: { phase, completionTime: `2026-01-02T12:00:0${index}Z` } }),
  );
  return facts({ remediations });
}

describe('a silenced alert', () => {
  it('a silenced alert is reconciled again when the silence ends', () => {
    const silenced = anAlert({ status: { count: 1, silencedUntil: '2026-01-02T12:10:00Z' } });
    const plan = decideAlert(facts({ alert: silenced }));
    expect(plan).toMatchObject({ requeueAfterMs: 600_000, trigger: { status: 'Blocked' } });
    expect(decideAlert(facts({ alert: silenced, now: after(601) })).trigger.create).toBeDefined();
  });
});

describe('the status of an alert', () => {
  it('the status of an alert is Triggered and Pending as soon as the attempt is created', () => {
    const { status } = decideAlert(facts());
    expect(status.opsStatus).toMatchObject({
      triggerStatus: 'Triggered',
      alertOpsStatus: 'Pending',
      total: 1,
      active: 1,
    });
    expect(status.remediations).toEqual([
      { name: aRemediation().metadata.name, rule: 'monitoring/disk', phase: 'Pending' },
    ]);
    expect(status.conditions).toEqual([expect.objectContaining({ type: 'Triggered', status: 'True' })]);
  });

  it.each<[RemediationPhase[], string | undefined, object]>([
    [['Submitted'], 'Pending', { active: 1 }],
    [['Running'], 'Running', { active: 1 }],
    [['Succeeded'], 'Succeeded', { active: 0, succeeded: 1, completionTime: '2026-01-02T12:00:00Z' }],
    [['Failed'], 'Failed', { failed: 1 }],
    [['Cancelled'], undefined, { active: 0, succeeded: 0, failed: 0 }],
    [['Failed', 'Succeeded'], 'Succeeded', { total: 2, succeeded: 1, failed: 1 }],
    [['Succeeded', 'Running'], 'Running', { active: 1, succeeded: 1 }],
  ])('the status of an alert with attempts that are %j is %s', (phases, alertOpsStatus, counts) => {
    const { opsStatus } = decideAlert(withPhases(...phases)).status;
    expect(opsStatus?.alertOpsStatus).toBe(alertOpsStatus);
    expect(opsStatus).toMatchObject(counts);
  });

  it('the status of an alert has no completion time while an attempt is active', () => {
    expect(decideAlert(withPhases('Succeeded', 'Running')).status.opsStatus).not.toHaveProperty('completionTime');
  });

  it('the status of an alert keeps an attempt that a user deleted, as cancelled unless it had ended', () => {
    const remediations = [
      { name: 'done', rule: 'a/b', phase: 'Succeeded' },
      { name: 'open', rule: 'a/b', phase: 'Running' },
    ];
    const { status } = decideAlert(facts({ alert: anAlert({ status: { count: 1, remediations } }) }));
    expect(status.remediations).toEqual([remediations[0], { ...remediations[1], phase: 'Cancelled' }]);
  });

  it('the status of an alert is the same when it is decided again later', () => {
    const first = decideAlert(withPhases('Running'));
    const again = {
      ...withPhases('Running'),
      alert: anAlert({ status: { count: 1, ...first.status } }),
      now: after(60),
    };
    expect(decideAlert(again).status).toEqual(first.status);
  });

  it('the status of an alert shows that the alert was resolved, and since when', () => {
    const { status } = decideAlert(
      facts({ alert: anAlert({ spec: { status: 'Resovled' } }), match: (alert) => matchRules(alert, []) }),
    );
    expect(status.status).toBe('Resolved');
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Resolved', status: 'True', lastTransitionTime: '2026-01-02T12:00:00Z' }),
    );
  });

  it('an alert becomes stale, and is no longer stale when it is received again', () => {
    const stale = decideAlert({ ...withPhases('Succeeded'), now: after(1001) }).status;
    expect(stale.conditions).toContainEqual(expect.objectContaining({ type: 'Stale', status: 'True' }));
    const again = { ...withPhases('Succeeded'), alert: anAlert({ status: { count: 1, ...stale } }), now: after(1100) };
    expect(decideAlert(again).status).toEqual(stale);
    const heard = anAlert({ status: { count: 2, ...stale, lastSeenTime: '2026-01-02T12:16:00Z' } });
    const types = decideAlert({ ...withPhases('Succeeded'), alert: heard, now: after(1002) }).status.conditions?.map(
      ({ type }) => type,
    );
    expect(types).not.toContain('Stale');
  });

  it('the status of an alert shows why the API server refused the attempt', () => {
    const status = refusedStatus(decideAlert(facts()), facts(), 'quota exceeded');
    expect(status.opsStatus).toMatchObject({ triggerStatus: 'TriggerFailed', total: 0 });
    expect(status.conditions?.[0]?.message).toContain('quota exceeded');
  });
});

describe('an alert', () => {
  it('an alert is reconciled again when time alone may change its status', () => {
    expect(decideAlert(facts()).requeueAfterMs).toBe(1_000_000);
  });

  it('an alert is deleted when its TTL has passed, and not before', () => {
    const alert = anAlert({ spec: { status: 'Resolved', ttlStrategy: { secondsAfterSuccess: 10 } } });
    const first = decideAlert({ ...withPhases('Succeeded'), alert });
    expect(first).toMatchObject({ remove: false, requeueAfterMs: 10_000 });
    const stored = anAlert({ spec: alert.spec, status: { count: 1, ...first.status } });
    expect(decideAlert({ ...withPhases('Succeeded'), alert: stored, now: after(9) }).remove).toBe(false);
    expect(decideAlert({ ...withPhases('Succeeded'), alert: stored, now: after(10) }).remove).toBe(true);
  });
});
