import { describe, expect, it } from '@jest/globals';
import { moreUrgent, priorityOf } from './priority.ts';

const noon = Date.parse('2026-01-02T12:00:00Z');

describe('the priority of a key', () => {
  it('the queue runs keys that need an action before keys that only need a write, and a resync last', () => {
    expect(priorityOf('change', noon)).toBeLessThan(priorityOf('record', noon));
    expect(priorityOf('record', noon)).toBeLessThan(priorityOf('resync', noon));
  });

  it('no key waits for ever behind later ones', () => {
    expect(priorityOf('record', noon)).toBeLessThan(priorityOf('change', noon + 11_000));
    expect(priorityOf('resync', noon)).toBeLessThan(priorityOf('record', noon + 21_000));
  });

  it('the priority of a key is valid for BullMQ at any time', () => {
    for (const now of [0, noon, 2 ** 20 * 1_000 - 1, Number.MAX_SAFE_INTEGER]) {
      expect(priorityOf('change', now)).toBeGreaterThan(0);
      expect(priorityOf('resync', now)).toBeLessThan(2 ** 21);
    }
  });
});

it('of two reasons the one that may wait less counts', () => {
  expect(moreUrgent('record', 'change')).toBe('change');
  expect(moreUrgent('change', 'record')).toBe('change');
  expect(moreUrgent('record', 'resync')).toBe('record');
});
