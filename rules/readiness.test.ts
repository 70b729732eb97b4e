import { describe, expect, it } from '@jest/globals';
import { aRule, aTemplate, noon } from '../test/builders/objects.ts';
import { ruleStatus } from './readiness.ts';

const rule = aRule({
  spec: { opsTemplate: { name: 'cordon' }, escalation: [{ name: 'reboot' }, { name: 'replace' }] },
});
const readyWith = (...names: string[]) =>
  ruleStatus(rule, {
    template: ({ name }) => (names.includes(name) ? aTemplate({ metadata: { name } }) : undefined),
    now: noon,
  }).conditions?.[0];

describe('a rule is ready', () => {
  it('when its template and those of its escalation exist', () => {
    expect(readyWith('cordon', 'reboot', 'replace')).toMatchObject({ status: 'True', reason: 'RuleValid' });
  });

  it('not before, and it says which step lacks its template', () => {
    const namespace = rule.metadata.namespace ?? '';
    expect(readyWith('reboot')).toMatchObject({
      status: 'False',
      reason: 'TemplateNotFound',
      message: `template ${namespace}/cordon does not exist; template ${namespace}/replace of escalation step 2 does not exist`,
    });
    expect(readyWith('cordon', 'replace')?.message).toBe(
      `template ${namespace}/reboot of escalation step 1 does not exist`,
    );
  });
});
