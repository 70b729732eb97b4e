const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Go programs send their zero time, year 1, for "no time"; nothing before 1970 is a time of an alert. */
const earliestYear = 1970;

/** Returns the RFC 3339 time of a sender unchanged, or undefined for any other value. */
export function readTime(value: unknown): string | undefined {
  if (typeof value !== 'string' || !rfc3339.test(value)) return undefined;
  const time = Date.parse(value);
  if (Number.isNaN(time) || new Date(time).getUTCFullYear() < earliestYear) return undefined;
  return value;
}

/** Returns milliseconds since 1970, or undefined for an absent or unreadable time. */
export function timeMs(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}
