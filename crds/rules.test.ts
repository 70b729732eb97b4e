import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { immutable, rule, transitionRule } from './rules.ts';

const minLessThanMax = { rule: 'self.min < self.max', message: 'min must be less than max', fieldPath: '.max' };
const Range = rule(z.object({ min: z.int32(), max: z.int32() }), minLessThanMax, ({ min, max }) => min < max);

describe('a rule', () => {
  it('zod evaluates a rule and reports its message at its field', () => {
    expect(Range.safeParse({ min: 1, max: 2 }).success).toBe(true);
    const issues = Range.safeParse({ min: 2, max: 2 }).error?.issues;
    expect(issues).toMatchObject([{ path: ['max'], message: 'min must be less than max' }]);
  });

  it('a CEL rule is added after existing rules', () => {
    const both = transitionRule(Range, { rule: 'self.min == oldSelf.min', message: 'min stays' });
    expect(both.meta()?.['x-kubernetes-validations']).toEqual([
      minLessThanMax,
      { rule: 'self.min == oldSelf.min', message: 'min stays' },
    ]);
  });

  it('adding a rule does not change the original schema', () => {
    const plain = z.string();
    immutable(plain, 'stays');
    expect(plain.meta()).toBeUndefined();
  });

  it('a rule is kept when the schema is described and made optional', () => {
    const schema = immutable(z.string().max(3), 'stays').describe('A word.').optional();
    expect(z.toJSONSchema(schema)).toMatchObject({
      description: 'A word.',
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'stays' }],
    });
  });
});
