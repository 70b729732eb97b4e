import { describe, expect, it } from '@jest/globals';
import { clockOf, isTimeZone } from './time-zone.ts';

describe('a time zone', () => {
  it.each([
    ['UTC', true],
    ['Europe/Berlin', true],
    ['Etc/GMT+1', true],
    ['Mars/Olympus', false],
    ['', false],
  ])('the time zone %j is known: %j', (name, known) => {
    expect(isTimeZone(name)).toBe(known);
  });
});

const hour = 3_600_000;

/** Hours ahead of UTC at each of these times. */
function ahead(timeZone: string, ...times: string[]): number[] {
  const [first = '', last = ''] = [times[0], times.at(-1)];
  const clock = clockOf(timeZone, Date.parse(first), Date.parse(last));
  return times.map((time) => clock(Date.parse(time)) / hour);
}

describe('the clocks of a time zone', () => {
  it.each([
    ['UTC', ['2026-01-01T00:00:00Z', '2026-01-09T00:00:00Z'], [0, 0]],
    ['Asia/Kolkata', ['2026-01-01T00:00:30Z', '2026-01-02T00:00:00Z'], [5.5, 5.5]],
    ['Europe/Berlin', ['2026-03-28T12:00:00Z', '2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'], [1, 1, 2]],
    [
      'Europe/Berlin',
      ['2026-10-24T09:13:00Z', '2026-10-25T00:59:00Z', '2026-10-25T01:00:00Z', '2026-10-30T00:00:00Z'],
      [2, 2, 1, 1],
    ],
    ['Australia/Lord_Howe', ['2026-04-04T00:00:00Z', '2026-04-04T14:59:00Z', '2026-04-04T15:00:00Z'], [11, 11, 10.5]],
  ])('the clocks of the time zone %s change at the exact minute', (zone, times, expected) => {
    expect(ahead(zone, ...times)).toEqual(expected);
  });

  it('the clocks of an unknown time zone are refused', () => {
    expect(() => clockOf('Mars/Olympus', 0, 1)).toThrow(RangeError);
  });
});
