import { describe, expect, it } from '@jest/globals';
import { aRule, anAlert } from '../test/builders/objects.ts';
import { compileRule } from './compile.ts';

function judge(rule: Parameters<typeof aRule>[0], alert: Parameters<typeof anAlert>[0] = {}): string {
  return compileRule(aRule(rule)).judge(anAlert(alert)).verdict;
}

const condition = (type: string, status: 'Firing' | 'Resolved' | 'Resovled' = 'Firing') => ({
  alertConditions: [{ type, status }],
});

describe('a rule', () => {
  it.each([
    ['the very type', 'NodeDiskFull', 'matches'],
    ['a pattern that matches all of the type', 'Node.*Full', 'matches'],
    ['alternatives', 'NodeDiskFull|NodeMemoryFull', 'matches'],
    ['a pattern that matches only a part', 'Node', 'mismatch'],
    ['an end that only looks like a match', 'Disk.*', 'mismatch'],
    ['another case', 'nodediskfull', 'mismatch'],
  ])('with %s', (_, type, verdict) => {
    expect(judge({ spec: condition(type) })).toBe(verdict);
  });

  it('matches a type with special characters literally', () => {
    const spec = condition('Disk (sda) full');
    expect(judge({ spec }, { spec: { type: 'Disk (sda) full' } })).toBe('matches');
  });

  it('is not hung by a pattern that makes backtracking engines hang', () => {
    expect(judge({ spec: condition('(a+)+$') }, { spec: { type: `${'a'.repeat(200)}b` } })).toBe('mismatch');
  });

  it('for resolved alerts matches those only, in either spelling', () => {
    for (const status of ['Resolved', 'Resovled'] as const) {
      expect(judge({ spec: condition('NodeDiskFull', status) }, { spec: { status: 'Resolved' } })).toBe('matches');
      expect(judge({ spec: condition('NodeDiskFull', status) })).toBe('mismatch');
    }
    expect(judge({ spec: condition('NodeDiskFull') }, { spec: { status: 'Resovled' } })).toBe('mismatch');
  });

  it('compares severities without regard to case, and any severity where none is asked for', () => {
    const spec = { severity: ['Critical'] };
    expect(judge({ spec }, { spec: { severity: 'critical' } })).toBe('matches');
    expect(judge({ spec }, { spec: { severity: 'info' } })).toBe('mismatch');
    expect(judge({ spec })).toBe('mismatch');
    expect(judge({}, { spec: { severity: 'info' } })).toBe('matches');
  });

  it('selects by the details of the sender and by labels of the object', () => {
    const spec = { selector: { matchLabels: { cluster: 'a' } } };
    expect(judge({ spec }, { spec: { details: { cluster: 'a' } } })).toBe('matches');
    expect(judge({ spec }, { metadata: { labels: { cluster: 'a' } } })).toBe('matches');
    expect(judge({ spec }, { metadata: { labels: { cluster: 'b' } }, spec: { details: { cluster: 'a' } } })).toBe(
      'mismatch',
    );
  });

  it.each([
    ['In', ['a', 'b'], { x: 'b' }, 'matches'],
    ['In', ['a'], {}, 'mismatch'],
    ['NotIn', ['a'], {}, 'matches'],
    ['NotIn', ['a'], { x: 'a' }, 'mismatch'],
    ['Exists', undefined, { x: '' }, 'matches'],
    ['DoesNotExist', undefined, { x: '' }, 'mismatch'],
  ] as const)('selects by %s %j from %j', (operator, values, labels, verdict) => {
    const requirement = values === undefined ? { key: 'x', operator } : { key: 'x', operator, values: [...values] };
    const spec = { selector: { matchExpressions: [requirement] } };
    expect(judge({ spec }, { metadata: { labels } })).toBe(verdict);
  });

  it('does not take inherited properties for labels', () => {
    const spec = { selector: { matchExpressions: [{ key: 'constructor', operator: 'Exists' as const }] } };
    expect(judge({ spec })).toBe('mismatch');
  });

  it('that is not enabled matches nothing', () => {
    expect(judge({ spec: { enabled: false } })).toBe('mismatch');
  });

  it('without conditions matches nothing and says so', () => {
    const compiled = compileRule(aRule({ spec: { alertConditions: [] } }));
    expect(compiled.judge(anAlert()).verdict).toBe('mismatch');
    expect(compiled.problems).toEqual([expect.stringContaining('alertConditions')]);
  });

  it.each([
    ['a pattern', condition('Node(')],
    ['a selector', { selector: { matchExpressions: [{ key: 'x', operator: 'In' as const }] } }],
  ])('with %s that cannot be used is broken, not a mismatch', (_, spec) => {
    const compiled = compileRule(aRule({ spec }));
    expect(compiled.judge(anAlert()).verdict).toBe('broken');
    expect(compiled.problems).toHaveLength(1);
  });

  it('with a broken part is still excluded by a part that can be read', () => {
    expect(judge({ spec: { ...condition('Node('), severity: ['critical'] } }, { spec: { severity: 'info' } })).toBe(
      'mismatch',
    );
  });

  it('with one broken pattern still matches by another', () => {
    const alertConditions = [
      { type: 'Node(', status: 'Firing' as const },
      { type: 'NodeDiskFull', status: 'Firing' as const },
    ];
    expect(judge({ spec: { alertConditions } })).toBe('matches');
  });
});
