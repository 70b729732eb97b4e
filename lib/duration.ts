/** Milliseconds of each unit of Go's notation. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const whole = /^([+-]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const part = /([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)/g;

/** The longest duration that Go can hold, in milliseconds: about 292 years. */
const longest = 2 ** 63 / 1e6;

/** Reads a duration like {@link parseDuration}, but returns undefined for any other text. */
export function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a duration in Go's notation, such as `90s`, `1h30m`, `1.5h` or `0`.
 *
 * @returns milliseconds
 * @throws RangeError when `text` is no such duration
 */
export function parseDuration(text: string): number {
  if (/^[+-]?0$/.test(text)) return 0;
  const [, sign, parts] = whole.exec(text) ?? [];
  if (parts === undefined) throw new RangeError(`not a duration such as 90s, 10m or 1h30m: ${JSON.stringify(text)}`);
  let sum = 0;
  for (const [, number, unit] of parts.matchAll(part)) sum += Number(number) * (units[unit ?? ''] ?? Number.NaN);
  if (sum >= longest) throw new RangeError(`too long for a duration: ${JSON.stringify(text)}`);
  return sign === '-' && sum !== 0 ? -sum : sum;
}
