import { describe, expect, it } from '@jest/globals';
import { normaliseSeverity } from './severity.ts';

describe('normaliseSeverity', () => {
  it.each([
    ['critical', 'critical'],
    ['Error', 'high'],
    ['HIGH', 'high'],
    [' warning ', 'warning'],
    ['medium', 'warning'],
    ['info', 'info'],
    ['low', 'low'],
    ['Page', 'page'],
    ['', undefined],
    [undefined, undefined],
    [3, undefined],
  ])('reads %j as %j', (given, expected) => {
    expect(normaliseSeverity(given)).toBe(expected);
  });
});
