import { eventually } from './eventually.ts';
import type { Harness } from './aegis.ts';

/** Returns the sum of the lines of a process's metrics that begin with a name and perhaps its first labels. */
export async function sumOfMetric(url: string, start: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  // A name must not be the beginning of a longer one.
  const next = start.includes('{') ? [''] : [' ', '{'];
  return text
    .split('\n')
    .filter((line) => next.some((after) => line.startsWith(start + after)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Waits until a worker has gone over all objects so often since now. */
export async function resyncs({ probes }: Harness, worker: string, count: number): Promise<void> {
  const url = probes[worker] ?? '';
  const before = await sumOfMetric(url, 'aegis_resync_total');
  await eventually(
    `${count} resyncs of ${worker}`,
    async () => (await sumOfMetric(url, 'aegis_resync_total')) >= before + count,
    { withinMs: 60_000, everyMs: 200 },
  );
}

/** Waits until the cache of every worker has this many objects of a kind. */
export async function cachedByWorkers({ probes }: Harness, resource: string, count: number): Promise<void> {
  const workers = Object.entries(probes).filter(([name]) => name.startsWith('worker-'));
  await eventually(`${count} ${resource} in the caches of all workers`, async () => {
    const start = `aegis_cache_objects{resource="${resource}"}`;
    const counts = await Promise.all(workers.map(([, url]) => sumOfMetric(url, start)));
    return counts.every((found) => found === count);
  });
}
