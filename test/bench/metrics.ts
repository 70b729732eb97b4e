import type { Harness } from '../harness/aegis.ts';

/** The lines of a metric of the first apiserver role: its labels as they are printed, and its value. */
export async function metricOf({ probes }: Harness, name: string): Promise<{ labels: string; value: number }[]> {
  const text = await (await fetch(`${probes['apiserver-0'] ?? ''}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => {
      const end = line.lastIndexOf(' ');
      return { labels: line.slice(name.length, end), value: Number(line.slice(end + 1)) };
    });
}

/** The upper bound of the histogram's bucket below which `share` (0..1) of all observations lie; seconds. */
export async function histogramBound(harness: Harness, name: string, share: number): Promise<number> {
  const sums = new Map<number, number>();
  for (const { labels, value } of await metricOf(harness, `${name}_bucket`)) {
    const bound = Number(/le="([^"]+)"/.exec(labels)?.[1]?.replace('+Inf', 'Infinity'));
    sums.set(bound, (sums.get(bound) ?? 0) + value);
  }
  const all = sums.get(Number.POSITIVE_INFINITY) ?? 0;
  return [...sums].sort(([a], [b]) => a - b).find(([, count]) => count >= share * all)?.[0] ?? Number.NaN;
}
