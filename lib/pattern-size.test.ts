import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { compileTypePattern } from '../rules/pattern.ts';
import { leastStates } from './pattern-size.ts';

describe('leastStates', () => {
  it.each([
    ['Node.*', 5],
    ['(a|b)c?', 3],
    ['.{0,1000}', 1000],
    ['(?:ab){100}', 200],
    ['(?P<name>ab){10}', 20],
    ['((a{10}){10}){10}', 1000],
    ['[]a\\]]{3}', 3],
    [`(${'abcd'.repeat(120)}){1000}`, 480_000],
    ['a{2,}', 2],
    ['(', 0],
    [')', 1],
    ['{3}', 0],
    ['\\', 1],
  ])('the pattern %j has at least %i states', (pattern, size) => {
    expect(leastStates(pattern)).toBe(size);
  });

  it('the estimated size of a pattern is never larger than its compiled program', () => {
    const pattern = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('a', 'bc', '.', '[a-z]', '\\d'),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(x${a}|y${b})`),
        fc.tuple(tie('pattern'), fc.integer({ min: 1, max: 9 })).map(([a, n]) => `(?:${a}){${n}}`),
        tie('pattern').map((a) => `(${a})*`),
      ),
    })).pattern;
    fc.assert(
      fc.property(pattern, (text) => {
        expect(leastStates(text)).toBeLessThanOrEqual(RE2JS.compile(text).programSize());
      }),
    );
  });

  it('the size of any text can be estimated without an error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 512 }), (text) => {
        expect(leastStates(text)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('compileTypePattern', () => {
  it.each([`(${'abcd'.repeat(120)}){1000}`, 'a{0,1000}'.repeat(50), '.{0,1000}.{0,1000}'])(
    'an alert type whose pattern would be huge is refused: %.20s',
    (type) => {
      const compiled = compileTypePattern(type);
      expect(compiled).toMatchObject({ ok: false });
      expect(JSON.stringify(compiled)).toContain('use smaller repetitions');
    },
  );
});
