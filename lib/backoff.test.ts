import { expect, it } from '@jest/globals';
import { backoffMs } from './backoff.ts';

const bounds = { baseMs: 100, capMs: 1_000 };

it.each([
  [1, 100],
  [2, 200],
  [4, 800],
  [5, 1_000],
  [100, 1_000],
])('the delay after %d failures is between half and all of %d ms', (failures, full) => {
  expect(backoffMs(bounds, failures, () => 0)).toBe(full / 2);
  expect(backoffMs(bounds, failures, () => 0.999_999)).toBeCloseTo(full, 1);
});
