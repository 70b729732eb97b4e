import { describe, expect, it } from '@jest/globals';
import type { MaintenanceWindow } from '../../crds/remediation-policy.ts';
import { leavesTime } from './windows.ts';

function window(mode: MaintenanceWindow['mode'], start: string, end: string, days?: MaintenanceWindow['days']) {
  return { mode, start, end, timeZone: 'UTC', ...(days === undefined ? {} : { days }) };
}

describe('maintenance windows', () => {
  it.each<[string, MaintenanceWindow[], boolean]>([
    ['none', [], true],
    ['one night', [window('OnlyDuring', '22:00', '06:00')], true],
    ['no night', [window('NeverDuring', '22:00', '06:00')], true],
    [
      'a night without itself',
      [window('OnlyDuring', '22:00', '06:00'), window('NeverDuring', '22:00', '06:00')],
      false,
    ],
    [
      'a night but its last minute',
      [window('OnlyDuring', '22:00', '06:00'), window('NeverDuring', '22:00', '05:59')],
      true,
    ],
    [
      'neither half of a day',
      [window('NeverDuring', '00:00', '12:00'), window('NeverDuring', '12:00', '00:00')],
      false,
    ],
    [
      'Sunday night, which ends on Monday',
      [window('OnlyDuring', '00:00', '06:00', ['Mon']), window('NeverDuring', '22:00', '06:00', ['Sun'])],
      false,
    ],
    [
      'Saturday night, which does not',
      [window('OnlyDuring', '00:00', '06:00', ['Mon']), window('NeverDuring', '22:00', '06:00', ['Sat'])],
      true,
    ],
    [
      'two that add up',
      [
        window('OnlyDuring', '01:00', '02:00'),
        window('OnlyDuring', '03:00', '04:00'),
        window('NeverDuring', '01:00', '02:00'),
      ],
      true,
    ],
  ])('maintenance windows of %s leave time: %j %j', (_, windows, expected) => {
    expect(leavesTime(windows)).toBe(expected);
  });

  it('maintenance windows of several time zones always count as leaving time', () => {
    const elsewhere = { ...window('NeverDuring', '22:00', '06:00'), timeZone: 'Europe/Berlin' };
    expect(leavesTime([window('OnlyDuring', '22:00', '06:00'), elsewhere])).toBe(true);
  });
});
