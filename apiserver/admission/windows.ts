import type { MaintenanceWindow } from '../../crds/remediation-policy.ts';

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const minutesPerDay = 24 * 60;
const minutesPerWeek = days.length * minutesPerDay;

/** Returns whether the windows leave a minute of the week; true when time zones differ, because then it depends. */
export function leavesTime(windows: readonly MaintenanceWindow[]): boolean {
  if (new Set(windows.map(({ timeZone }) => timeZone)).size > 1) return true;
  const only = windows.filter(({ mode }) => mode === 'OnlyDuring');
  const never = windows.filter(({ mode }) => mode === 'NeverDuring');
  const open = new Uint8Array(minutesPerWeek).fill(only.length === 0 ? 1 : 0);
  for (const window of only) paint(open, window, 1);
  for (const window of never) paint(open, window, 0);
  return open.includes(1);
}

function paint(week: Uint8Array, { days: on, start, end }: MaintenanceWindow, value: 0 | 1): void {
  const length = (minuteOf(end) - minuteOf(start) + minutesPerDay) % minutesPerDay;
  for (const day of on === undefined || on.length === 0 ? days : on) {
    const first = days.indexOf(day) * minutesPerDay + minuteOf(start);
    for (let minute = first; minute < first + length; minute += 1) week[minute % minutesPerWeek] = value;
  }
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
