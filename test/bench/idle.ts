import type { Harness } from '../harness/aegis.ts';
import { distinct, nameOf, send } from './alerts.ts';
import { percentile, round } from './statistics.ts';
import { watchWorkflows } from './workflow-watch.ts';

const alerts = 200;
const warmUp = 20;
const gapMs = 40;

/** From the POST of an alert to its Workflow in a watch, one alert after the other; milliseconds. */
export async function measureIdle(harness: Harness): Promise<{ p50Ms: number; p99Ms: number; alerts: number }> {
  const watch = await watchWorkflows(harness);
  const samples: number[] = [];
  for (const alert of distinct('idle', alerts + warmUp)) {
    const started = performance.now();
    await send(harness, alert);
    samples.push((await watch.seen(nameOf(alert))) - started);
    await new Promise((resolve) => setTimeout(resolve, gapMs));
  }
  watch.stop();
  const measured = samples.slice(warmUp);
  return { p50Ms: round(percentile(measured, 0.5)), p99Ms: round(percentile(measured, 0.99)), alerts };
}
