import { describe, expect, it } from '@jest/globals';
import { after, aRemediation, aRule, aTemplate, anAlert, noon } from '../../test/builders/objects.ts';
import type { RulePlanner } from './plan.ts';
import { compileRule, type CompiledRule } from '../../rules/compile.ts';
import { matchRules } from '../../rules/match.ts';
import { decideTrigger, waitsForRules, type Trigger, type TriggerFacts } from './trigger.ts';

const plan: RulePlanner = ({ rule, template, attempt }) => {
  const templateRef = { name: template.metadata.name, namespace: 'monitoring', generation: 1 };
  const metadata = { name: `planned-${rule.metadata.name}` };
  return { ok: true, remediation: aRemediation({ metadata, spec: { attempt, templateRef } }) };
};

type Changes = Partial<TriggerFacts> & { rules?: readonly CompiledRule[] };

function decide({ rules = [compileRule(aRule())], ...facts }: Changes = {}): Trigger {
  return decideTrigger({
    alert: anAlert(),
    match: (alert) => matchRules(alert, rules),
    template: () => aTemplate(),
    remediations: [],
    plan,
    limits: () => ({ maxAttempts: 1, backoffMs: 60_000, verified: false }),
    now: noon,
    ...facts,
  });
}

const forResolved = compileRule(
  aRule({ metadata: { name: 'uncordon' }, spec: { alertConditions: [{ type: 'NodeDiskFull', status: 'Resolved' }] } }),
);

describe('the trigger of a firing alert', () => {
  it('an alert triggers one attempt of the matching rule', () => {
    const trigger = decide();
    expect(trigger).toMatchObject({ status: 'Triggered', create: { metadata: { name: 'planned-disk' } } });
    expect(trigger.message).toContain('monitoring/disk');
    expect(trigger.message).toContain('monitoring/cordon');
  });

  it('the template is looked up in the namespace of the rule unless the rule names another one', () => {
    const asked: string[] = [];
    const template = ({ namespace }: { namespace: string }): undefined => void asked.push(namespace);
    decide({ template });
    decide({
      template,
      rules: [compileRule(aRule({ metadata: { namespace: 'team' }, spec: { opsTemplate: { name: 'cordon' } } }))],
    });
    expect(asked).toEqual(['monitoring', 'team']);
  });

  it.each<[string, Changes, string, string]>([
    ['no rule', { rules: [] }, 'RuleNotFound', 'none of 0 rules'],
    [
      'two rules',
      { rules: [compileRule(aRule()), compileRule(aRule({ metadata: { name: 'twin' } }))] },
      'TooManyRulesFound',
      'monitoring/twin',
    ],
    [
      'a rule without a template',
      { rules: [compileRule({ ...aRule(), spec: { ...aRule().spec, opsTemplate: undefined } })] },
      'RuleErrorFound',
      'opsTemplate',
    ],
    ['a template that does not exist', { template: () => undefined }, 'TemplateNotFound', 'monitoring/cordon'],
    [
      'a template that cannot be rendered',
      { plan: () => ({ ok: false, message: 'variable node is unknown' }) },
      'TemplateInvalid',
      'variable node is unknown',
    ],
  ])('an alert triggers nothing with %s', (_, facts, status, words) => {
    const trigger = decide(facts);
    expect(trigger.status).toBe(status);
    expect(trigger.message).toContain(words);
    expect(trigger.create).toBeUndefined();
  });

  it('an alert triggers nothing more once an attempt exists, whatever its result and the current rules', () => {
    for (const phase of ['Pending', 'Running', 'Succeeded', 'Failed'] as const) {
      const trigger = decide({ rules: [], remediations: [aRemediation({ status: { phase } })] });
      expect(trigger).toMatchObject({ status: 'Triggered' });
      expect(trigger.create).toBeUndefined();
    }
  });

  it.each(['Blocked', 'AwaitingApproval'] as const)(
    'the trigger status of an alert shows that its attempt is %s, and why',
    (phase) => {
      const trigger = decide({ remediations: [aRemediation({ status: { phase, message: 'waits for somebody' } })] });
      expect(trigger.status).toBe(phase);
      expect(trigger.message).toContain('waits for somebody');
    },
  );

  it('a silenced alert triggers nothing, and its status has the user, the reason and the template', () => {
    const silenced = anAlert({
      status: {
        count: 1,
        silencedUntil: '2026-01-02T13:00:00Z',
        silencedBy: 'jane@example.com',
        silenceReason: 'the vendor is on it',
      },
    });
    const trigger = decide({ alert: silenced });
    expect(trigger).toMatchObject({ status: 'Blocked', rule: { metadata: { name: 'disk' } } });
    expect(trigger.create).toBeUndefined();
    expect(trigger.message).toBe(
      'rule monitoring/disk would start template monitoring/cordon, but the alert is silenced until ' +
        '2026-01-02T13:00:00Z by jane@example.com: the vendor is on it',
    );
    expect(decide({ alert: silenced, now: after(3600) }).create).toBeDefined();
    expect(decide({ alert: silenced, rules: [] })).toMatchObject({ status: 'RuleNotFound' });
  });

  it('an alert triggers nothing again after a user deleted the attempt', () => {
    const alert = anAlert({
      status: {
        count: 3,
        opsStatus: { triggerStatus: 'Triggered' },
        remediations: [{ name: 'gone', rule: 'monitoring/disk', phase: 'Succeeded' }],
      },
    });
    const trigger = decide({ alert });
    expect(trigger.status).toBe('Triggered');
    expect(trigger.create).toBeUndefined();
  });
});

describe('an alert whose attempt did not help', () => {
  const workflowRef = { name: 'w', namespace: 'monitoring' };
  const completionTime = '2026-01-02T12:00:00Z';
  const ineffective = aRemediation({
    status: { phase: 'Ineffective', reason: 'AlertStillFiring', workflowRef, completionTime },
  });
  const rules = [compileRule(aRule({ spec: { escalation: [{ name: 'reboot' }] } }))];
  const template: TriggerFacts['template'] = ({ name }) => aTemplate({ metadata: { name } });
  const limits = () => ({ maxAttempts: 2, backoffMs: 60_000, verified: true });
  const facts = { remediations: [ineffective], rules, template, limits };

  it('an alert whose attempt did not help triggers nothing more without a policy', () => {
    const trigger = decide({ remediations: [ineffective], rules, template, now: after(86_400) });
    expect(trigger).toEqual({ status: 'Triggered', message: expect.any(String) as unknown });
  });

  it('an alert whose attempt did not help waits for the next step, has its time in the status, and triggers it', () => {
    const waits = decide({ ...facts, now: after(59) });
    expect(waits).toMatchObject({ status: 'Triggered', lookAt: after(60) });
    expect(waits.message).toContain('the next attempt starts at 2026-01-02T12:01:00Z');
    expect(waits.create).toBeUndefined();
    const next = decide({ ...facts, now: after(60) });
    expect(next.create?.spec).toMatchObject({ attempt: 2, templateRef: { name: 'reboot' } });
  });

  it('an alert whose attempt did not help shows the obstacle of the next step', () => {
    const now = after(60);
    expect(decide({ ...facts, now, template: () => undefined })).toMatchObject({
      status: 'TemplateNotFound',
      message: expect.stringContaining('monitoring/reboot') as unknown,
    });
    expect(decide({ ...facts, now, rules: [] })).toMatchObject({ status: 'RuleNotFound' });
    const alert = anAlert({ status: { count: 1, silencedUntil: '2026-01-02T13:00:00Z' } });
    expect(decide({ ...facts, now, alert })).toMatchObject({ status: 'Blocked' });
  });

  it('an alert needs a user when its attempts are used up, and when no policy covers the next step', () => {
    const second = aRemediation({ metadata: { name: 'second' }, status: ineffective.status ?? {} });
    const used = decide({ ...facts, remediations: [ineffective, second], now: after(3600) });
    expect(used).toMatchObject({ status: 'Triggered', exhausted: expect.stringContaining('2 of 2') as unknown });
    const onlyFirst = ({ spec }: { spec: { templateRef: { name: string } } }) =>
      spec.templateRef.name === 'reboot' ? { maxAttempts: 1, backoffMs: 0, verified: false } : limits();
    const uncovered = decide({ ...facts, limits: onlyFirst, now: after(60) });
    expect(uncovered.create).toBeUndefined();
    expect(uncovered.exhausted).toContain('no policy allows attempt 2 with template monitoring/reboot');
  });
});

describe('an attempt of a user', () => {
  const byHand = (changes: Parameters<typeof aRemediation>[0] = {}) =>
    aRemediation({
      ...changes,
      spec: { ruleRef: undefined, requestedBy: { username: 'alice', via: 'kubectl' }, ...changes.spec },
    });

  it('an attempt of a user counts as the attempt, with or without a matching rule, and the newest one is shown', () => {
    for (const rules of [[], [compileRule(aRule())]]) {
      const trigger = decide({ rules, remediations: [byHand({ status: { phase: 'Succeeded' } })] });
      expect(trigger).toMatchObject({ status: 'Triggered' });
      expect(trigger.message).toMatch(/^alice started template monitoring\/cordon/);
      expect(trigger.create).toBeUndefined();
    }
    const second = byHand({ metadata: { name: 'second' }, spec: { attempt: 2 }, status: { phase: 'Blocked' } });
    expect(decide({ remediations: [aRemediation(), byHand(), second] })).toMatchObject({ status: 'Blocked' });
  });

  it('an attempt of a user is shown before the attempt of a rule that it superseded', () => {
    const gaveWay = aRemediation({ metadata: { name: 'z' }, status: { phase: 'Superseded' } });
    expect(decide({ remediations: [byHand({ status: { phase: 'Blocked' } }), gaveWay] })).toMatchObject({
      status: 'Blocked',
      message: expect.stringMatching(/^alice started/) as unknown,
    });
  });

  it('the status of an attempt of a user by a rule names the user and the rule', () => {
    const ruleRef = { name: 'disk', namespace: 'monitoring', generation: 3 };
    expect(decide({ remediations: [byHand({ spec: { ruleRef } })] }).message).toMatch(
      /^alice by rule monitoring\/disk/,
    );
  });

  it('an attempt of a user for a firing alert does not affect the rules for its resolve', () => {
    const resolved = anAlert({ spec: { status: 'Resolved' } });
    expect(decide({ alert: resolved, rules: [forResolved], remediations: [byHand()] }).create).toBeDefined();
    const undone = byHand({ spec: { alertStatus: 'Resolved' } });
    expect(decide({ alert: resolved, rules: [forResolved], remediations: [byHand(), undone] }).create).toBeUndefined();
  });

  it('a dry run of a user does not count as an attempt, also after its deletion', () => {
    const rehearsal = byHand({ spec: { dryRun: true }, status: { phase: 'DryRun' } });
    expect(decide({ remediations: [rehearsal] }).create?.metadata.name).toBe('planned-disk');
    const listed = [{ name: 'gone', rule: '', phase: 'DryRun' }];
    expect(decide({ alert: anAlert({ status: { count: 1, remediations: listed } }) }).create).toBeDefined();
    expect(decide({ remediations: [aRemediation(), rehearsal] }).create).toBeUndefined();
  });
});

describe('the trigger of a resolved alert', () => {
  const resolved = anAlert({ spec: { status: 'Resolved' } });
  const fired = aRemediation({ status: { phase: 'Succeeded' } });

  it('the resolve of an alert triggers nothing where no rule is for resolved alerts, and keeps the status of the firing', () => {
    expect(decide({ alert: resolved, remediations: [fired] })).toMatchObject({ status: 'Triggered' });
    expect(decide({ alert: resolved, remediations: [fired] }).create).toBeUndefined();
    const waiting = anAlert({
      spec: { status: 'Resolved' },
      status: { count: 1, opsStatus: { triggerStatus: 'TooManyRulesFound' } },
    });
    expect(decide({ alert: waiting })).toMatchObject({ status: 'TooManyRulesFound' });
    expect(decide({ alert: resolved, rules: [] })).toMatchObject({ status: 'RuleNotFound' });
  });

  it('the resolve of an alert triggers an attempt of a rule for resolved alerts once', () => {
    const first = decide({ alert: resolved, rules: [forResolved], remediations: [fired] });
    expect(first.create?.metadata.name).toBe('planned-uncordon');
    const quiet = anAlert({
      spec: { status: 'Resolved' },
      status: { count: 1, silencedUntil: '2026-01-02T13:00:00Z' },
    });
    expect(decide({ alert: quiet, rules: [forResolved], remediations: [fired] }).create).toBeDefined();
    const own = aRemediation({ spec: { alertStatus: 'Resolved' } });
    expect(decide({ alert: resolved, rules: [forResolved], remediations: [fired, own] }).create).toBeUndefined();
    const listed = [{ name: 'planned-uncordon', rule: 'monitoring/uncordon', phase: 'Succeeded' }];
    const deleted = anAlert({ spec: { status: 'Resolved' }, status: { count: 1, remediations: listed } });
    expect(decide({ alert: deleted, rules: [forResolved], remediations: [fired] }).create).toBeUndefined();
  });
});

describe('an alert waits for rules', () => {
  it.each([
    ['RuleNotFound', true],
    ['TooManyRulesFound', true],
    ['TemplateInvalid', true],
    ['TriggerFailed', true],
    ['Triggered', false],
    ['Blocked', false],
  ] as const)('an alert with the trigger status %s waits for rules: %s', (triggerStatus, waits) => {
    expect(waitsForRules(anAlert({ status: { count: 1, opsStatus: { triggerStatus } } }))).toBe(waits);
  });

  it('an alert does not wait for rules once it is resolved', () => {
    expect(waitsForRules(anAlert({ spec: { status: 'Resolved' } }))).toBe(false);
  });
});
