import { describe, expect, it } from '@jest/globals';
import type { MaintenanceWindow } from '../../crds/remediation-policy.ts';
import { windowState } from './windows.ts';

type Changes = Partial<MaintenanceWindow>;

function window(mode: MaintenanceWindow['mode'], start: string, end: string, changes: Changes = {}): MaintenanceWindow {
  return { mode, start, end, timeZone: 'UTC', ...changes };
}

/** `open`, or when it opens; `never` = not within a week. */
function ask(time: string, ...policies: MaintenanceWindow[][]): string {
  const named = policies.map((windows, index) => ({ policy: `p${index}`, windows }));
  const state = windowState(named, new Date(time));
  if (state.open) return 'open';
  return state.opensAt?.toISOString().replace(':00.000Z', 'Z') ?? 'never';
}

const night = window('OnlyDuring', '22:00', '06:00');
const working = window('NeverDuring', '09:00', '17:00', { days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'] });

describe('windows in which work may start', () => {
  it.each([
    ['before it', '2026-01-05T21:59:59Z', '2026-01-05T22:00Z'],
    ['from its first second', '2026-01-05T22:00:00Z', 'open'],
    ['over midnight', '2026-01-06T00:00:00Z', 'open'],
    ['to its last second', '2026-01-06T05:59:59Z', 'open'],
    ['not from its end on', '2026-01-06T06:00:00Z', '2026-01-06T22:00Z'],
  ])('maintenance windows allow work %s: %s -> %s', (_, time, expected) => {
    expect(ask(time, [night])).toBe(expected);
  });

  it('maintenance windows belong to the day on which they start', () => {
    const sunday = window('OnlyDuring', '22:00', '06:00', { days: ['Sun'] });
    expect(ask('2026-01-05T05:59:00Z', [sunday])).toBe('open');
    expect(ask('2026-01-05T22:30:00Z', [sunday])).toBe('2026-01-11T22:00Z');
    expect(ask('2026-01-04T05:00:00Z', [sunday])).toBe('2026-01-04T22:00Z');
  });

  it('maintenance windows of the kind NeverDuring block for their whole length', () => {
    expect(ask('2026-01-05T08:59:59Z', [working])).toBe('open');
    expect(ask('2026-01-05T09:00:00Z', [working])).toBe('2026-01-05T17:00Z');
    expect(ask('2026-01-10T12:00:00Z', [working])).toBe('open');
  });

  it('maintenance windows of one policy add up, and those of several policies must all allow the work', () => {
    const noon = window('OnlyDuring', '12:00', '13:00');
    expect(ask('2026-01-05T12:30:00Z', [night, noon])).toBe('open');
    expect(ask('2026-01-05T12:30:00Z', [night], [noon])).toBe('never');
    expect(ask('2026-01-05T22:30:00Z', [night], [window('NeverDuring', '22:00', '23:15')])).toBe('2026-01-05T23:15Z');
  });

  it('closed maintenance windows are reported with their policy and the reason', () => {
    const state = windowState(
      [
        { policy: 'night', windows: [night] },
        { policy: 'office', windows: [working] },
      ],
      new Date('2026-01-05T10:00:00Z'),
    );
    expect(state).toMatchObject({
      closed: ['policy night: only in 22:00-06:00 UTC', 'policy office: never in Mon,Tue,Wed,Thu,Fri 09:00-17:00 UTC'],
    });
  });
});

describe('maintenance windows and changes of the clock', () => {
  const berlin = (start: string, end: string, changes: Changes = {}) => [
    window('OnlyDuring', start, end, { timeZone: 'Europe/Berlin', ...changes }),
  ];

  it.each([
    ['winter', '2026-01-05T20:59:00Z', '2026-01-05T21:00Z'],
    ['summer', '2026-07-05T19:59:00Z', '2026-07-05T20:00Z'],
    ['the night in which clocks go forward', '2026-03-29T03:59:00Z', 'open'],
    ['the morning after it', '2026-03-29T04:00:00Z', '2026-03-29T20:00Z'],
    ['the night in which they go back', '2026-10-25T04:59:00Z', 'open'],
    ['the morning after that', '2026-10-25T05:00:00Z', '2026-10-25T21:00Z'],
  ])('maintenance windows in %s follow the local time: %s -> %s', (_, time, expected) => {
    expect(ask(time, berlin('22:00', '06:00'))).toBe(expected);
  });

  it('a maintenance window in the hour that is skipped opens on the next day', () => {
    expect(ask('2026-03-29T00:59:00Z', berlin('02:00', '02:45'))).toBe('2026-03-30T00:00Z');
  });

  it('a maintenance window that covers the end of the skipped hour opens when the clock jumps into it', () => {
    expect(ask('2026-03-29T00:59:00Z', berlin('02:30', '04:00'))).toBe('2026-03-29T01:00Z');
  });

  it('a maintenance window in the hour that is repeated opens twice', () => {
    const window = berlin('02:15', '02:45');
    expect(ask('2026-10-25T00:14:00Z', window)).toBe('2026-10-25T00:15Z');
    expect(ask('2026-10-25T00:45:00Z', window)).toBe('2026-10-25T01:15Z');
  });

  it('maintenance windows use the local day where it differs from the day in UTC', () => {
    const auckland = berlin('00:00', '06:00', { timeZone: 'Pacific/Auckland', days: ['Mon'] });
    expect(ask('2026-01-04T11:00:00Z', auckland)).toBe('open');
    expect(ask('2026-01-05T11:00:00Z', auckland)).toBe('2026-01-11T11:00Z');
  });
});
