import { describe, expect, it } from '@jest/globals';
import { compileRule } from '../../rules/compile.ts';
import { anAlert, aRule } from '../../test/builders/objects.ts';
import { chooseTemplate } from './choose-template.ts';

const rules = [
  aRule(),
  aRule({
    metadata: { name: 'reboot' },
    spec: { alertConditions: [{ type: 'X', status: 'Firing' }], opsTemplate: { name: 'reboot' } },
  }),
  aRule({ metadata: { name: 'off' }, spec: { enabled: false } }),
];

function choose(request: { rule?: string; template?: string }, known = rules): string {
  const choice = chooseTemplate(request, anAlert(), known.map(compileRule));
  if (!choice.ok) return `${choice.field ?? 'state'} ${choice.reason}`;
  const { template, rule, warnings } = choice;
  return [`${template.namespace}/${template.name}`, rule?.metadata.name ?? '-', ...warnings].join(' ');
}

describe("the choice of the template for a user's request", () => {
  it.each([
    ['nothing: the rule that matches', {}, 'monitoring/cordon disk'],
    ['a template', { template: 'reboot' }, 'monitoring/reboot -'],
    ['a template elsewhere', { template: 'team/reboot' }, 'team/reboot -'],
    ['the template of the matching rule: by that rule', { template: 'cordon' }, 'monitoring/cordon disk'],
    ['a rule', { rule: 'disk' }, 'monitoring/cordon disk'],
    ['a rule and its template', { rule: 'disk', template: 'cordon' }, 'monitoring/cordon disk'],
    ['a rule and another template', { rule: 'disk', template: 'reboot' }, 'template TemplateOfAnotherRule'],
    ['a rule that does not exist', { rule: 'team/disk' }, 'rule RuleNotFound'],
    ['a rule that is switched off', { rule: 'off' }, 'state RuleDisabled'],
  ])("a user's request for %s has its template, rule or refusal", (_, request, expected) => {
    expect(choose(request)).toBe(expected);
  });

  it("a user's request for a rule that does not match gets a warning", () => {
    expect(choose({ rule: 'reboot' })).toMatch(/^monitoring\/reboot reboot rule monitoring\/reboot does not match/);
  });

  it("a user's request without a rule or template is refused where no rule matches", () => {
    expect(choose({}, [])).toBe('state RuleNotFound');
    expect(choose({}, [aRule(), aRule({ metadata: { name: 'twin' } })])).toBe('state TooManyRulesFound');
  });
});
