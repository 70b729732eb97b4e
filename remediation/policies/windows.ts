import type { MaintenanceWindow } from '../../crds/remediation-policy.ts';
import type { EffectivePolicy } from './effective.ts';
import { clockOf } from './time-zone.ts';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
type Day = (typeof weekdays)[number];

const minuteMs = 60_000;
const minutesPerDay = 24 * 60;
/** A week, and a day more, in which clocks may be changed. */
const searchedMinutes = 8 * minutesPerDay;

/** Whether work may start now; if not, the reasons and the time of the next opening. */
export type WindowState = { open: true } | { open: false; closed: string[]; opensAt?: Date };

/**
 * Asks all maintenance windows. Within one policy those of `OnlyDuring` add up, and any of `NeverDuring` closes; all
 * policies must let it pass. Windows follow the clock on the wall: an hour that is skipped is in none, one that comes
 * twice is in them twice.
 *
 * @throws RangeError when a time zone does not exist
 */
export function windowState(policies: EffectivePolicy['windows'], now: Date): WindowState {
  if (policies.length === 0) return { open: true };
  const first = Math.floor(now.getTime() / minuteMs);
  const judges = policies.map(({ policy, windows }) => ({ policy, ...judgeOf(windows, now.getTime()) }));
  const closed = judges.flatMap(({ policy, whyClosed }) => whyClosed(first).map((why) => `policy ${policy}: ${why}`));
  if (closed.length === 0) return { open: true };
  for (let minute = first + 1; minute <= first + searchedMinutes; minute += 1) {
    if (judges.every(({ isOpen }) => isOpen(minute))) {
      return { open: false, closed, opensAt: new Date(minute * minuteMs) };
    }
  }
  return { open: false, closed };
}

function judgeOf(windows: readonly MaintenanceWindow[], from: number) {
  const all = windows.map((window) => ({ window, contains: containsMinute(window, from) }));
  const only = all.filter(({ window }) => window.mode === 'OnlyDuring');
  const never = all.filter(({ window }) => window.mode === 'NeverDuring');
  const isOutside = (minute: number): boolean => only.length > 0 && !only.some(({ contains }) => contains(minute));
  return {
    isOpen: (minute: number) => !isOutside(minute) && !never.some(({ contains }) => contains(minute)),
    whyClosed: (minute: number) => [
      ...(isOutside(minute) ? [`only in ${only.map(({ window }) => describe(window)).join(' or ')}`] : []),
      ...never.filter(({ contains }) => contains(minute)).map(({ window }) => `never in ${describe(window)}`),
    ],
  };
}

/** @returns whether a minute since 1970 is in the window */
function containsMinute({ days = [], start, end, timeZone }: MaintenanceWindow, from: number) {
  const [first, last] = [minuteOf(start), minuteOf(end)];
  const offsetAt = clockOf(timeZone, from, from + searchedMinutes * minuteMs);
  const startsOn = (day: number): boolean => days.length === 0 || days.includes(weekdays[(day + 7) % 7] as Day);
  return (minute: number): boolean => {
    const local = minute + offsetAt(minute * minuteMs) / minuteMs;
    const time = local % minutesPerDay;
    // 1 January 1970 was a Thursday.
    const day = (Math.floor(local / minutesPerDay) + 4) % 7;
    if (first < last) return startsOn(day) && time >= first && time < last;
    return (startsOn(day) && time >= first) || (startsOn(day - 1) && time < last);
  };
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function describe({ days = [], start, end, timeZone }: MaintenanceWindow): string {
  const on = days.length === 0 ? '' : `${days.join(',')} `;
  return `${on}${start}-${end} ${timeZone}`;
}
