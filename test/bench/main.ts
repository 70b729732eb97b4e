import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { examples, startHarness } from '../harness/aegis.ts';
import { measureBurst } from './burst.ts';
import { measureDuplicates, measureNewAlerts } from './ingest.ts';
import { measureIdle } from './idle.ts';
import { measureRawCreates } from './raw-creates.ts';
import { residentMiB } from './resident.ts';
import { round } from './statistics.ts';

/**
 * `npm run bench`: prints one JSON object. All figures are of one run on one cluster without nodes, with the raw create
 * rate of the same API server beside them: only ratios can be compared between machines.
 */
const harness = await startHarness({ durable: true });
try {
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
  const idle = await measureIdle(harness);
  const raw = await measureRawCreates(harness);
  const burst = await measureBurst(harness);
  const before = residentMiB(harness);
  const newAlerts = await measureNewAlerts(harness);
  const duplicates = await measureDuplicates(harness);
  const report = {
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model,
      memoryGiB: round(totalmem() / 2 ** 30),
      node: process.version,
    },
    rawCreatesPerSecond: raw,
    idle,
    burst: { ...burst, ratioToRawCreates: round(burst.workflowsPerSecond / raw, 3) },
    newAlerts,
    duplicates,
    residentMiB: { ...before, ...residentMiB(harness) },
  };
  console.log(JSON.stringify(report));
} finally {
  await harness.stop();
}
