import type { Harness } from '../harness/aegis.ts';
import { distinct, nameOf, send } from './alerts.ts';
import { inParallel, round } from './statistics.ts';
import { watchWorkflows } from './workflow-watch.ts';
import { countWrites } from './writes.ts';

const alerts = 300;
const concurrency = 10;
/** The rate of the Go original in the same burst on such a machine. */
const originalPerSecond = 1.6;

/** 300 distinct alerts at once: how fast they become Workflows, and how many writes each costs until all is quiet. */
export async function measureBurst(harness: Harness, prefix = 'burst') {
  const watch = await watchWorkflows(harness);
  const before = await countWrites(harness);
  const batch = distinct(prefix, alerts);
  const started = performance.now();
  await inParallel(batch, concurrency, (alert) => send(harness, alert));
  const times = await Promise.all(batch.map((alert) => watch.seen(nameOf(alert))));
  const seconds = (Math.max(...times) - started) / 1_000;
  watch.stop();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const writes = (await countWrites(harness)) - before;
  const workflowsPerSecond = round(alerts / seconds);
  return {
    alerts,
    workflowsPerSecond,
    timesTheOriginal: round(workflowsPerSecond / originalPerSecond),
    writesPerAlert: round(writes / alerts, 2),
  };
}
