import { describe, expect, it } from '@jest/globals';
import { after, aRemediation, noon } from '../../test/builders/objects.ts';
import { statusOf, type Standing } from './status.ts';

const submitted: Standing = {
  phase: 'Submitted',
  reason: 'WorkflowPending',
  message: 'Argo has not started the Workflow',
  workflowRef: { name: 'w', namespace: 'n', uid: 'u' },
};
const blocked: Standing = {
  phase: 'Blocked',
  reason: 'DuplicateInProgress',
  message: 'waits',
  blockedUntil: after(60),
};
const succeeded: Standing = { phase: 'Succeeded', reason: 'WorkflowSucceeded', message: 'the Workflow succeeded' };

function inTurn(...standings: Standing[]) {
  let remediation = aRemediation();
  standings.forEach((standing, index) => {
    remediation = { ...remediation, status: statusOf(remediation, standing, after(index)) };
  });
  return remediation.status;
}

describe('the status of an attempt', () => {
  it('the status of an attempt is the same when the same standing is recorded later', () => {
    for (const standing of [submitted, blocked, succeeded]) {
      const status = statusOf(aRemediation(), standing, noon);
      expect(statusOf(aRemediation({ status }), standing, after(60))).toEqual(status);
    }
  });

  it('the status of an attempt keeps the Workflow and its start to the end', () => {
    expect(inTurn(submitted, succeeded)).toMatchObject({
      phase: 'Succeeded',
      workflowRef: { name: 'w', namespace: 'n', uid: 'u' },
      startTime: '2026-01-02T12:00:00Z',
      completionTime: '2026-01-02T12:00:01Z',
    });
  });

  it('the status of an attempt has its phases as a timeline', () => {
    expect(inTurn(blocked, submitted, succeeded)?.timeline?.map(({ phase }) => phase)).toEqual([
      'Blocked',
      'Submitted',
      'Succeeded',
    ]);
  });

  it('the status of an attempt shows until when and why it is blocked, and that it is no longer blocked', () => {
    expect(inTurn(blocked)).toMatchObject({
      blockedUntil: '2026-01-02T12:01:00Z',
      conditions: [{ type: 'Admitted', status: 'False', reason: 'DuplicateInProgress' }],
    });
    const passed = inTurn(blocked, submitted);
    expect(passed).not.toHaveProperty('blockedUntil');
    expect(passed?.conditions).toMatchObject([{ type: 'Admitted', status: 'True' }]);
  });

  it('the status of an attempt is complete when nothing will happen any more', () => {
    expect(inTurn(submitted)).not.toHaveProperty('conditions');
    expect(inTurn(submitted, succeeded)?.conditions).toMatchObject([
      { type: 'Complete', status: 'True', reason: 'WorkflowSucceeded' },
    ]);
  });

  it('the status of an attempt keeps the newest 64 entries of a long timeline, and cuts long texts', () => {
    const steps = Array.from({ length: 71 }, (_, index) => ({
      ...blocked,
      reason: index % 2 === 0 ? ('Paused' as const) : ('Silenced' as const),
      message: `${index} ${'x'.repeat(9000)}`,
    }));
    const status = inTurn(...steps);
    expect(status?.timeline).toHaveLength(64);
    expect(status?.timeline?.at(0)?.message).toMatch(/^7 x/);
    expect(status?.timeline?.at(-1)).toMatchObject({ reason: 'Paused', message: expect.stringMatching(/^70 x/) });
    expect(status?.message).toHaveLength(4096);
  });
});
