import { describe, expect, it } from '@jest/globals';
import { chooseRule, judgeRules } from '../../rules/match.ts';
import { compileRule } from '../../rules/compile.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import { AegisAlertInspection } from '../../crds/subresources/alert-inspection.ts';
import {
  after,
  anAlert,
  aPolicy,
  aRemediation,
  aRule,
  aTemplate,
  aWorkflow,
  noon,
} from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { createPlanner } from '../planning/plan.ts';
import { inspectAlert, type AlertInspectionFacts } from './alert.ts';
import { compileTemplate } from '../render/index.ts';

type Changes = Partial<AlertInspectionFacts> & { rules?: AegisAlertOpsRule[] };

function inspect({ rules = [aRule()], ...changes }: Changes = {}): AegisAlertInspection {
  const alert = changes.alert ?? anAlert();
  const judged = judgeRules(alert, rules.map(compileRule));
  const inspection = inspectAlert({
    alert,
    attempts: [],
    judged,
    matching: chooseRule(judged),
    template: ({ name }) => (name === 'cordon' ? aTemplate() : undefined),
    planner: createPlanner(compileTemplate),
    workflowOf: () => undefined,
    requester: { username: 'alice', via: 'kubectl' },
    withheld: undefined,
    withheldTemplate: () => undefined,
    cluster: aCluster(),
    freshness: { source: 'Cache', now: '2026-01-02T12:00:00Z', lastHeard: {} },
    now: noon,
    ...changes,
  });
  return AegisAlertInspection.parse(inspection);
}

function ruleNamed(name: string, spec: Partial<AegisAlertOpsRule['spec']> = {}): AegisAlertOpsRule {
  return aRule({ metadata: { name }, spec });
}

const failed = aRemediation({
  status: {
    phase: 'Failed',
    reason: 'WorkflowFailed',
    timeline: [{ time: '2026-01-02T12:00:02Z', phase: 'Failed', reason: 'WorkflowFailed' }],
  },
});

describe('the inspection of an alert', () => {
  it('the inspection of an alert shows every rule with its verdict, the chosen one first', () => {
    const { rules, matching } = inspect({
      rules: [
        ruleNamed('other', { alertConditions: [{ type: 'Other', status: 'Firing' }] }),
        ruleNamed('low', { priority: -1 }),
        ruleNamed('odd', { alertConditions: [{ type: '(', status: 'Firing' }] }),
        ruleNamed('top', { priority: 5 }),
        ruleNamed('off', { enabled: false }),
      ],
    });
    expect(rules.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      ...['top Chosen', 'low Outranked', 'odd Broken', 'off Mismatch', 'other Mismatch'],
    ]);
    expect(rules[3]?.reason).toBe('the rule is not enabled');
    expect(matching).toMatchObject({ outcome: 'Matched', rule: { name: 'top', namespace: 'monitoring' } });
  });

  it('the inspection of an alert shows rules that tie, and that no attempt would be made', () => {
    const { rules, preview, gates } = inspect({ rules: [ruleNamed('b'), ruleNamed('a')] });
    expect(rules.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(['a Tied', 'b Tied']);
    expect(preview).toMatchObject({ ok: false, reason: 'TooManyRulesFound' });
    expect(gates).toEqual([]);
  });

  it('the inspection of an alert leaves out rules that do not match when there are hundreds, and says how many', () => {
    const others = Array.from({ length: 300 }, (_, index) => ruleNamed(`r${index}`, { enabled: false }));
    const { rules, rulesLeftOut } = inspect({ rules: [...others, aRule()] });
    expect([rules.length, rulesLeftOut, rules[0]?.verdict]).toEqual([200, 101, 'Chosen']);
  });

  it('the inspection of an alert shows the Workflow that would be made, its hash and the answer of each gate', () => {
    const { preview, gates } = inspect();
    expect(preview).toMatchObject({ ok: true, exists: false, attempt: 1, approvalsRequired: 0 });
    expect(preview.manifestHash).toMatch(/^sha256:/);
    expect(JSON.stringify(preview.workflow)).toContain('kubectl cordon dev1');
    expect(gates.length).toBeGreaterThan(0);
    expect(gates.every(({ passes }) => passes)).toBe(true);
  });

  it.each<[string, Changes, string]>([
    ['no rule', { rules: [] }, 'RuleNotFound'],
    ['no template', { template: () => undefined }, 'TemplateNotFound'],
    ['a value missing', { alert: anAlert({ spec: { details: {}, involvedObject: {} } }) }, 'TemplateInvalid'],
  ])('the inspection of an alert says why no attempt would be made: %s', (_, changes, reason) => {
    expect(inspect(changes).preview).toMatchObject({ ok: false, reason });
  });

  it('the inspection of an alert names the variable that prevents rendering, at the rule and in the preview', () => {
    const { rules, preview } = inspect({ alert: anAlert({ spec: { details: {}, involvedObject: {} } }) });
    expect(rules[0]?.template).toMatchObject({ exists: true, renders: false, problems: [{ variable: 'node' }] });
    expect(preview.problems?.[0]?.variable).toBe('node');
  });

  it('the inspection of an alert shows the next attempt with its template and time, or why there is none', () => {
    const ineffective = aRemediation({
      status: {
        ...{ phase: 'Ineffective', reason: 'AlertStillFiring', completionTime: '2026-01-02T12:00:00Z' },
        workflowRef: { name: 'w', namespace: 'monitoring' },
      },
    });
    const policy = aPolicy({ spec: { maxAttempts: 2, verification: { healthyFor: '1m', timeout: '10m' } } });
    const template: AlertInspectionFacts['template'] = ({ name }) => aTemplate({ metadata: { name } });
    const rules = [aRule({ spec: { escalation: [{ name: 'reboot' }] } })];
    const facts = { rules, template, attempts: [ineffective], cluster: aCluster({ policies: [policy] }) };
    expect(inspect(facts).preview).toMatchObject({
      ...{ ok: true, exists: false, attempt: 2, template: { name: 'reboot' } },
      message: 'the next attempt starts at 2026-01-02T12:01:00Z',
    });
    const reversible = aPolicy({ spec: { ...policy.spec, selector: { risks: ['Destructive'] } } });
    expect(inspect({ ...facts, cluster: aCluster({ policies: [reversible] }) }).preview.message).toMatch(
      /^nothing more/,
    );
    const destructive: AlertInspectionFacts['template'] = (key) => ({
      ...aTemplate({ metadata: { name: key.name }, spec: { risk: 'Destructive' } }),
    });
    const only = aPolicy({ spec: { ...policy.spec, selector: { risks: ['Reversible'] } } });
    expect(
      inspect({ ...facts, template: destructive, cluster: aCluster({ policies: [only] }) }).preview.message,
    ).toContain('no policy allows a further attempt with this template');
    const second = { ...ineffective, metadata: { ...ineffective.metadata, name: 'second', uid: 'u2' } };
    expect(inspect({ ...facts, attempts: [ineffective, second] }).preview.message).toMatch(
      /2 of 2 attempts were made; a user who triggers the alert makes this attempt$/,
    );
  });

  it('the inspection of an alert shows the open attempt, and why it waits', () => {
    const older = aRemediation({ metadata: { name: 'older', uid: 'u1' }, status: { phase: 'Running' } });
    const open = aRemediation({ metadata: { name: 'open', uid: 'u2' }, spec: { attempt: 2 } });
    const { preview, gates, remediations } = inspect({ attempts: [older, open] });
    expect(preview).toMatchObject({ ok: true, exists: true, remediation: 'open', attempt: 2 });
    expect(gates.find(({ gate }) => gate === 'one-at-a-time-per-alert')).toMatchObject({
      ...{ passes: false, reason: 'DuplicateInProgress' },
    });
    expect(remediations.map(({ name, phase }) => `${name} ${phase}`)).toEqual(['older Running', 'open Pending']);
  });

  it('the inspection of an alert shows that no attempt starts automatically once all are over, and the one for a manual trigger', () => {
    const { preview, remediations } = inspect({ attempts: [failed] });
    expect(preview).toMatchObject({ ok: true, exists: false, attempt: 2 });
    expect(preview.message).toContain('a user who triggers the alert makes this attempt');
    expect(remediations[0]).toMatchObject({ phase: 'Failed', reason: 'WorkflowFailed' });
  });

  it('the inspection of an alert shows the attempt of a rule after a dry run of a user or an attempt for the firing', () => {
    const rehearsal = aRemediation({
      spec: { dryRun: true, requestedBy: { username: 'bob', via: 'kubectl' } },
      status: { phase: 'DryRun' },
    });
    const own = inspect().preview.remediation;
    const listed = [{ name: rehearsal.metadata.name, rule: '', phase: 'DryRun' }];
    const alert = anAlert({ status: { count: 1, remediations: listed } });
    const { preview } = inspect({ alert, attempts: [rehearsal] });
    expect(preview).toMatchObject({ ok: true, remediation: own, attempt: 1 });
    expect(preview.message).toBeUndefined();
    const resolved = anAlert({ spec: { status: 'Resolved' } });
    const rules = [ruleNamed('undo', { alertConditions: [{ type: 'NodeDiskFull', status: 'Resolved' }] })];
    expect(inspect({ alert: resolved, rules, attempts: [failed] }).preview).toMatchObject({ attempt: 1 });
  });

  it('the inspection of an alert counts deleted attempts, as the alert does', () => {
    const listed = [{ name: 'gone', rule: 'monitoring/disk', phase: 'Succeeded' }];
    const { preview } = inspect({ alert: anAlert({ status: { count: 1, remediations: listed } }) });
    expect(preview).toMatchObject({ ok: true, attempt: 2 });
    expect(preview.message).toContain('a user who triggers the alert makes this attempt');
  });

  it('the inspection of an alert withholds the Workflow from users who may not get it, and says so', () => {
    const { preview } = inspect({ withheld: 'you may not get it' });
    expect(preview.workflow).toBeUndefined();
    expect(preview.message).toContain('you may not get it');
    expect(preview.manifestHash).toBeDefined();
  });

  it('the inspection of an alert withholds problems of a template from users who may not get it, at the rule and in the preview', () => {
    const alert = anAlert({ spec: { details: {}, involvedObject: {} } });
    const { preview, rules } = inspect({ alert, withheld: 'may not', withheldTemplate: () => 'may not' });
    expect(preview).toMatchObject({ ok: false, reason: 'TemplateInvalid' });
    expect(preview.message).toContain('its problems are not shown: may not');
    expect(preview.problems).toBeUndefined();
    expect(rules[0]?.template).toMatchObject({ renders: false, problems: [{ reason: 'Withheld' }] });
    expect(JSON.stringify({ preview, rules })).not.toContain('{{');
  });

  it('the inspection of an alert merges the events of alert, attempts and Workflows in the order of time', () => {
    const alert = anAlert({
      status: {
        count: 3,
        silencedUntil: '2026-01-02T13:00:00Z',
        acknowledgedBy: 'bob',
        conditions: [
          {
            type: 'Triggered',
            status: 'True',
            lastTransitionTime: '2026-01-02T12:00:03Z',
            reason: 'Triggered',
            message: 'rule monitoring/disk started it',
          },
        ],
      },
    });
    const workflow = aWorkflow({
      phase: 'Failed',
      startedAt: '2026-01-02T12:00:01Z',
      finishedAt: '2026-01-02T12:00:04Z',
    });
    const { timeline, silenced, acknowledgedBy, trigger } = inspect({
      alert,
      attempts: [failed],
      workflowOf: () => workflow,
    });
    expect(timeline.map(({ kind, event }) => `${kind} ${event}`)).toEqual([
      ...['AegisAlert Received', 'AegisRemediation Created', 'Workflow Created', 'Workflow Started'],
      ...['AegisRemediation Failed', 'AegisAlert Triggered', 'Workflow Failed'],
    ]);
    expect(silenced).toEqual({ until: '2026-01-02T13:00:00Z', active: true });
    expect(acknowledgedBy).toBe('bob');
    expect(trigger.message).toBe('rule monitoring/disk started it');
    expect(inspect({ alert, now: after(7200) }).silenced?.active).toBe(false);
  });
});
