import { describe, expect, it } from '@jest/globals';
import type { AegisRemediation, RemediationPhase } from '../../crds/remediation.ts';
import { after, anAlert, aRemediation, noon } from '../../test/builders/objects.ts';
import { toTime } from '../../crds/conditions.ts';
import { stagesOf } from './stages.ts';

const at = (second: number): string => toTime(after(second));

/** An attempt that entered these phases at these seconds after noon, made at second 40. */
function attempt(timeline: [RemediationPhase, number][], status: AegisRemediation['status'] = {}): AegisRemediation {
  const remediation = aRemediation({
    status: { timeline: timeline.map(([phase, second]) => ({ phase, time: at(second) })), ...status },
  });
  return { ...remediation, metadata: { ...remediation.metadata, creationTimestamp: at(40) } };
}

/** It began at noon and was here after 30 seconds. */
const alert = anAlert({ spec: { startsAt: toTime(noon) } });
alert.metadata.creationTimestamp = at(30);

describe('the time of an attempt', () => {
  it('the time of an attempt is split without gaps and without counting anything twice', () => {
    const whole = attempt(
      [
        ['Blocked', 41],
        ['AwaitingApproval', 50],
        ['Approved', 110],
        ['Submitted', 121],
        ['Running', 125],
        ['Verifying', 180],
        ['Succeeded', 300],
      ],
      { startTime: at(120), completionTime: at(300) },
    );
    expect(stagesOf(whole, alert, after(999))).toEqual({
      detect: 30,
      queue: 30,
      humanWait: 60,
      execute: 60,
      verify: 120,
    });
  });

  it('the time of an attempt has no stages that did not happen', () => {
    const plain = attempt(
      [
        ['Submitted', 42],
        ['Succeeded', 50],
      ],
      { startTime: at(41), completionTime: at(50) },
    );
    expect(stagesOf(plain, alert, after(999))).toEqual({ detect: 30, queue: 11, execute: 9 });
  });

  it('the time of an open attempt grows', () => {
    expect(stagesOf(attempt([['AwaitingApproval', 40]]), alert, after(100))).toEqual({
      detect: 30,
      queue: 10,
      humanWait: 60,
    });
  });

  it('the time of an attempt begins with the request when a user made it, or when it is a further attempt', () => {
    const status = { startTime: at(45), completionTime: at(50) };
    const byHand = attempt([['Succeeded', 50]], status);
    byHand.spec = { ...byHand.spec, requestedBy: { username: 'ann', via: 'kubectl' } };
    expect(stagesOf(byHand, alert, after(999))).toEqual({ queue: 5, execute: 5 });
    const second = attempt([['Succeeded', 50]], status);
    second.spec = { ...second.spec, attempt: 2 };
    expect(stagesOf(second, alert, after(999))).toEqual({ queue: 5, execute: 5 });
  });

  it('the time of an attempt is never negative, for any clocks', () => {
    const odd = attempt([['Submitted', 10]], { startTime: at(10), completionTime: at(5) });
    for (const value of Object.values(stagesOf(odd, alert, after(0)))) expect(value).toBeGreaterThanOrEqual(0);
  });
});
