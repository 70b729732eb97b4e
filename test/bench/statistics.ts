/** The value below which `share` (0..1) of the samples lie; the nearest sample, none in between. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Rounds for print. */
export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** Runs `work` for each item, `concurrency` at a time; resolves to the milliseconds that each took. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<number[]> {
  const durations: number[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      const started = performance.now();
      await work(item);
      durations.push(performance.now() - started);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane));
  return durations;
}
