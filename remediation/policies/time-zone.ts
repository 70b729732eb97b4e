const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Whether this machine knows the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * How far the clocks of a time zone are ahead of UTC within a stretch of time, also where they are changed meanwhile.
 * Assumes that they change at most once in a day, at a whole minute.
 *
 * @param from milliseconds since 1970
 * @param to the same, later
 * @returns for a time in between (milliseconds since 1970) the difference in milliseconds
 * @throws RangeError when there is no such time zone
 */
export function clockOf(timeZone: string, from: number, to: number): (at: number) => number {
  const offsetAt = offsetReader(timeZone);
  const changes = [{ since: Number.NEGATIVE_INFINITY, offset: offsetAt(from) }];
  for (let start = from; start < to; start += dayMs) {
    const offset = offsetAt(start + dayMs);
    if (offset !== changes.at(-1)?.offset)
      changes.push({ since: changeBetween(start, start + dayMs, offsetAt), offset });
  }
  return (at) => changes.findLast(({ since }) => since <= at)?.offset ?? 0;
}

function offsetReader(timeZone: string): (at: number) => number {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', hourCycle: 'h23', ...fields });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / minuteMs) * minuteMs;
  };
}

/** The minute at which the clocks are changed. */
function changeBetween(from: number, to: number, offsetAt: (at: number) => number): number {
  const before = offsetAt(from);
  let [low, high] = [Math.floor(from / minuteMs), Math.floor(to / minuteMs)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * minuteMs) === before) low = middle;
    else high = middle;
  }
  return high * minuteMs;
}
