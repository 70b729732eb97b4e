import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aRule, anAlert } from '../test/builders/objects.ts';
import { matchRules } from './match.ts';
import { compileRule } from './compile.ts';

const alert = anAlert();

function match(...rules: Parameters<typeof aRule>[0][]) {
  return matchRules(
    alert,
    rules.map((rule) => compileRule(aRule(rule))),
  );
}

const named = (name: string, priority = 0) => ({ metadata: { name }, spec: { priority } });
const broken = { metadata: { name: 'broken' }, spec: { alertConditions: [{ type: '(', status: 'Firing' as const }] } };

describe('matching rules', () => {
  it('finds the one that matches', () => {
    expect(match(named('a'))).toMatchObject({ outcome: 'Matched', rule: { metadata: { name: 'a' } } });
  });

  it('says how many rules were asked when none matches', () => {
    expect(match()).toEqual({ outcome: 'RuleNotFound', message: 'none of 0 rules matches' });
  });

  it('takes the highest priority', () => {
    expect(match(named('low', 1), named('high', 2))).toMatchObject({ rule: { metadata: { name: 'high' } } });
  });

  it('names all rules that share the highest priority, and chooses none', () => {
    const matching = match(named('b', 2), named('low', 1), named('a', 2));
    expect(matching.outcome).toBe('TooManyRulesFound');
    expect(matching.message).toContain('monitoring/a, monitoring/b');
    expect(matching.message).not.toContain('low');
  });

  it('names the broken rules when nothing else matches', () => {
    const matching = match(broken);
    expect(matching.outcome).toBe('RuleErrorFound');
    expect(matching.message).toContain('monitoring/broken');
  });

  it('is not stopped by a broken rule beside a usable one', () => {
    expect(match(broken, named('a')).outcome).toBe('Matched');
  });

  it('does not depend on the order of the rules', () => {
    const rules = [named('a', 1), named('b', 1), named('c', 0), broken].map((rule) => compileRule(aRule(rule)));
    fc.assert(
      fc.property(fc.shuffledSubarray(rules, { minLength: rules.length }), (shuffled) => {
        expect(matchRules(alert, shuffled)).toEqual(matchRules(alert, rules));
      }),
    );
  });
});
