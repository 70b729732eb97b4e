import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import { anAlert, aRule } from '../test/builders/objects.ts';
import { compileRule } from './compile.ts';
import { matchRules } from './match.ts';
import { RuleSet } from './rule-set.ts';

/** A cache of rules that can be changed. */
function cacheOf(...initial: AegisAlertOpsRule[]) {
  let rules = initial;
  const listeners: (() => void)[] = [];
  return {
    list: (namespace?: string) =>
      rules.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    onChange: (listener: (change: never) => void) => {
      listeners.push(listener as () => void);
      return () => undefined;
    },
    set: (...next: AegisAlertOpsRule[]) => {
      rules = next;
      for (const listener of listeners) listener();
    },
  };
}

function ruleFor(name: string, type: string, spec: object = {}): AegisAlertOpsRule {
  return aRule({ metadata: { name }, spec: { alertConditions: [{ type, status: 'Firing' }], ...spec } });
}

describe('a set of rules', () => {
  it('matches an alert like all of its rules asked one by one', () => {
    const types = fc.constantFrom('DiskFull', 'Disk.*', '.*', 'Other', '(', 'Disk(Full|Slow)');
    const status = fc.constantFrom('Firing', 'Resolved');
    const rule = fc.record({
      type: types,
      status,
      priority: fc.integer({ min: 0, max: 2 }),
      enabled: fc.boolean(),
      namespace: fc.constantFrom('monitoring', 'team'),
    });
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 8 }),
        fc.constantFrom('DiskFull', 'DiskSlow', 'Other', 'Unknown'),
        status,
        fc.constantFrom('Cluster', 'Namespace'),
        (made, type, alertStatus, scope) => {
          const rules = made.map(({ namespace, type: ruleType, status: wanted, priority, enabled }, index) =>
            aRule({
              metadata: { name: `rule-${index}`, namespace },
              spec: { alertConditions: [{ type: ruleType, status: wanted }], priority, enabled },
            }),
          );
          const alert = anAlert({ spec: { type, status: alertStatus } });
          const inScope = rules.filter(({ metadata }) => scope === 'Cluster' || metadata.namespace === 'monitoring');
          const set = new RuleSet(cacheOf(...rules), scope, compileRule);
          expect(set.match(alert)).toEqual(matchRules(alert, inScope.map(compileRule)));
          // Asked twice, because the second answer comes from memory.
          expect(set.match(alert)).toEqual(matchRules(alert, inScope.map(compileRule)));
        },
      ),
    );
  });

  it('judges alerts by the rules as they are after a change', () => {
    const cache = cacheOf();
    const set = new RuleSet(cache, 'Cluster', compileRule);
    const alert = anAlert({ spec: { type: 'DiskFull' } });
    expect([set.match(alert).outcome, set.concerns(alert)]).toEqual(['RuleNotFound', false]);
    cache.set(ruleFor('disk', 'Disk.*'));
    expect([set.match(alert).outcome, set.concerns(alert)]).toEqual(['Matched', true]);
    cache.set();
    expect([set.match(alert).outcome, set.concerns(alert)]).toEqual(['RuleNotFound', false]);
  });

  it.each([
    ['a rule that matches', ruleFor('disk', 'DiskFull'), true],
    ['a rule for another type', ruleFor('disk', 'Other'), false],
    ['a rule for the resolve', aRule({ spec: { alertConditions: [{ type: 'DiskFull', status: 'Resolved' }] } }), false],
    ['a rule that is not enabled', ruleFor('disk', 'DiskFull', { enabled: false }), false],
    ['a rule whose pattern cannot be read', ruleFor('disk', '('), true],
  ])('is concerned with a firing alert by %s: %#', (_, rule, concerned) => {
    const set = new RuleSet(cacheOf(rule), 'Cluster', compileRule);
    expect(set.concerns(anAlert({ spec: { type: 'DiskFull' } }))).toBe(concerned);
  });

  it('counts all rules in the reason why none matches', () => {
    const rules = Array.from({ length: 5 }, (_, index) => ruleFor(`rule-${index}`, `Other${index}`));
    const matching = new RuleSet(cacheOf(...rules), 'Cluster', compileRule).match(
      anAlert({ spec: { type: 'DiskFull' } }),
    );
    expect(matching).toEqual({ outcome: 'RuleNotFound', message: 'none of 5 rules matches' });
  });
});
