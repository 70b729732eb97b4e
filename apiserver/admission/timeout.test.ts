import { describe, expect, it } from '@jest/globals';
import { budgetOf } from './timeout.ts';

describe('the budget of a review', () => {
  it.each([
    ['timeout=5s', 4_500],
    ['timeout=1s', 900],
    ['timeout=30s', 27_000],
    ['timeout=9h', 27_000],
    ['timeout=1ms', 100],
    ['', 9_000],
    ['timeout=', 9_000],
    ['timeout=-5s', 9_000],
    ['timeout=five', 9_000],
    ['timeout=5s&timeout=1s', 4_500],
  ])('the time limit of a review with %j is %i ms', (query, milliseconds) => {
    expect(budgetOf(new URLSearchParams(query))).toBe(milliseconds);
  });
});
