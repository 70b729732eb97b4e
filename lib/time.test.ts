import { describe, expect, it } from '@jest/globals';
import { readTime, timeMs } from './time.ts';

describe('readTime', () => {
  it.each(['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.123456789Z', '2026-03-01T10:00:00+01:00'])(
    'readTime returns %s unchanged',
    (time) => {
      expect(readTime(time)).toBe(time);
    },
  );

  it.each([
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00+08:00',
    '',
    'now',
    '2026-02-31',
    '2026-99-01T10:00:00Z',
    7,
    null,
  ])('readTime returns undefined for %j', (time) => {
    expect(readTime(time)).toBeUndefined();
  });
});

describe('timeMs', () => {
  it('timeMs makes times of different time zones comparable', () => {
    expect(timeMs('2026-03-01T10:00:00+01:00')).toBe(timeMs('2026-03-01T09:00:00.000000001Z'));
    expect(timeMs(undefined)).toBeUndefined();
  });
});
