import { describe, expect, it } from '@jest/globals';
import { exceedsComplexity } from './json-complexity.ts';

describe('the parts of JSON', () => {
  it.each([
    ['7', 0],
    ['[]', 1],
    ['{"a":1,"b":[1,2,{}]}', 6],
    ['{"text":"a,b,[c],{d}"}', 1],
    [String.raw`{"quoted":"\",\",[","path":"\\"}`, 2],
    [String.raw`["\\\\",1]`, 2],
    ['["ü,💥,",1]', 2],
  ])('the entries of %s are counted outside of strings', (json, parts) => {
    const bytes = Buffer.from(json);
    expect(exceedsComplexity(bytes, parts)).toBe(false);
    if (parts > 0) expect(exceedsComplexity(bytes, parts - 1)).toBe(true);
  });
});
