import { describe, expect, it } from '@jest/globals';
import type { AegisRemediation, RemediationSpec, RemediationStatus } from '../../crds/remediation.ts';
import { after, aRemediation, aRule, anAlert } from '../../test/builders/objects.ts';
import { attemptsMade, backoffOf, decideNextAttempt, type NextAttemptFacts } from './next.ts';

const limits = { maxAttempts: 3, backoffMs: 60_000, verified: true };
const escalation = [{ name: 'reboot' }, { name: 'replace' }];
const workflowRef = { name: 'w', namespace: 'monitoring' };
const completionTime = '2026-01-02T12:00:00Z';

function attempt(
  status: RemediationStatus,
  {
    template = 'cordon',
    name = template,
    ...spec
  }: Partial<RemediationSpec> & { template?: string; name?: string } = {},
): AegisRemediation {
  const templateRef = { name: template, namespace: 'monitoring', generation: 1 };
  return aRemediation({
    metadata: { name },
    spec: { templateRef, ...spec },
    status: { completionTime, ...status },
  });
}

const ineffective = attempt({ phase: 'Ineffective', reason: 'AlertStillFiring', workflowRef });
const failed = attempt({ phase: 'Failed', reason: 'WorkflowFailed', workflowRef });
const unsubmitted = attempt({ phase: 'Failed', reason: 'SubmitFailed' });

function decide(attempts: readonly AegisRemediation[], changes: Partial<NextAttemptFacts> = {}) {
  const last = attempts.at(-1) ?? ineffective;
  return decideNextAttempt({ alert: anAlert(), attempts, last, limits, rule: aRule(), now: after(60), ...changes });
}

const withLadder = { rule: aRule({ spec: { escalation } }) };
const due = (name: string) => ({ outcome: 'due', template: { namespace: 'monitoring', name } });

describe('an episode that goes on', () => {
  it.each<RemediationStatus>([
    { phase: 'Running', workflowRef },
    { phase: 'Verifying', workflowRef },
    { phase: 'Blocked' },
    { phase: 'Succeeded', workflowRef },
    { phase: 'Cancelled' },
    { phase: 'Rejected' },
    { phase: 'Expired' },
    { phase: 'Superseded' },
    { phase: 'DryRun' },
    { phase: 'Inconclusive', reason: 'CancelledByUser', workflowRef },
  ])('an episode gets no further attempt after an attempt with status %j', (status) => {
    expect(decide([attempt(status)])).toEqual({ outcome: 'none' });
  });

  it('an episode gets no further attempt when no policy verifies, or when it is over', () => {
    expect(decide([ineffective], { limits: { ...limits, verified: false } })).toEqual({ outcome: 'none' });
    expect(decide([ineffective], { alert: anAlert({ spec: { status: 'Resolved' } }) })).toEqual({ outcome: 'none' });
  });

  it('an episode gets a further attempt after one that did not help, with the same template where the rule has no escalation', () => {
    expect(decide([ineffective])).toMatchObject(due('cordon'));
  });

  it('the attempts of an episode follow the escalation of the rule step by step, and repeat the last one', () => {
    const reboot = attempt(ineffective.status ?? {}, { template: 'reboot' });
    const replace = attempt(ineffective.status ?? {}, { template: 'replace' });
    expect(decide([ineffective], withLadder)).toMatchObject(due('reboot'));
    const long = { ...withLadder, limits: { ...limits, maxAttempts: 9 }, now: after(3600) };
    expect(decide([ineffective, reboot], long)).toMatchObject(due('replace'));
    expect(decide([ineffective, reboot, replace], long)).toMatchObject(due('replace'));
  });

  it('an attempt that failed half-way is not repeated: the next step follows, or a user has to decide', () => {
    expect(decide([failed], withLadder)).toMatchObject(due('reboot'));
    expect(decide([failed])).toMatchObject({
      outcome: 'exhausted',
      message:
        'the alert still fires, and no further attempt is made automatically: cordon is Failed (WorkflowFailed); ' +
        'rule monitoring/disk has no further step, and a failed attempt is not repeated',
    });
    const top = attempt(failed.status ?? {}, { template: 'replace' });
    expect(decide([ineffective, top], withLadder)).toMatchObject({ outcome: 'exhausted' });
  });

  it('an attempt that never started is repeated', () => {
    expect(decide([unsubmitted], withLadder)).toMatchObject(due('cordon'));
    const reboot = attempt(unsubmitted.status ?? {}, { template: 'reboot' });
    expect(decide([ineffective, reboot], { ...withLadder, now: after(120) })).toMatchObject(due('reboot'));
  });

  it('a destructive attempt is not repeated while its verdict is unknown', () => {
    const unknown = { phase: 'Inconclusive', reason: 'TargetGone', workflowRef } as const;
    expect(decide([attempt(unknown)])).toMatchObject(due('cordon'));
    expect(decide([attempt(unknown, { risk: 'Destructive' })])).toMatchObject({
      outcome: 'exhausted',
      message: expect.stringContaining('destructive') as unknown,
    });
  });

  it('F15: an episode waits after each attempt, twice as long each time, counted from its end', () => {
    expect(decide([ineffective], { now: after(59) })).toMatchObject({ outcome: 'wait', at: after(60) });
    const second = attempt(ineffective.status ?? {}, { name: 'second' });
    expect(decide([ineffective, second], { now: after(119) })).toMatchObject({ outcome: 'wait', at: after(120) });
    expect(decide([ineffective, second], { now: after(120) })).toMatchObject({ outcome: 'due' });
  });

  it('F2: an episode ends its attempts at the number that the policies allow, also when a user deleted some', () => {
    const second = attempt(ineffective.status ?? {}, { name: 'second' });
    const third = attempt(ineffective.status ?? {}, { name: 'third' });
    const end = { outcome: 'exhausted', message: expect.stringContaining('3 of 3 attempts were made') as unknown };
    expect(decide([ineffective, second, third], { now: after(7200) })).toMatchObject(end);
    const listed = ['gone', 'gone-too'].map((name) => ({ name, rule: 'monitoring/disk', phase: 'Ineffective' }));
    const alert = anAlert({ status: { count: 1, remediations: listed } });
    expect(decide([third], { alert, now: after(7200) })).toMatchObject(end);
  });

  it('an episode waits for a rule where none matches', () => {
    expect(decide([ineffective], { rule: undefined })).toMatchObject({ outcome: 'due', template: undefined });
  });

  it('dry runs and superseded attempts do not count and do not move the escalation', () => {
    const requestedBy = { username: 'jane', via: 'kubectl' } as const;
    const rehearsal = attempt({ phase: 'DryRun' }, { template: 'replace', requestedBy, dryRun: true });
    const gaveWay = attempt({ phase: 'Superseded' }, { template: 'replace', name: 'gave-way' });
    const all = [rehearsal, gaveWay, ineffective];
    expect(attemptsMade(anAlert(), all)).toBe(1);
    expect(decide(all, withLadder)).toMatchObject(due('reboot'));
  });
});

describe('the backoff after an attempt', () => {
  it.each([
    [1, 60_000, 60_000],
    [2, 60_000, 120_000],
    [4, 60_000, 480_000],
    [5, 60_000, 600_000],
    [90, 60_000, 600_000],
    [1, 1_800_000, 1_800_000],
    [2, 1_800_000, 1_800_000],
  ])('the backoff after attempt %d with %d ms is %d ms', (made, backoffMs, expected) => {
    expect(backoffOf(made, backoffMs)).toBe(expected);
  });
});
