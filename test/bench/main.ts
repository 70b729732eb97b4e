import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command, Option } from 'commander';
import launch from '../../cli/launch.json' with { type: 'json' };
import { examples, startHarness } from '../harness/aegis.ts';
import { measureBurst } from './burst.ts';
import { measureDuplicates, measureNewAlerts } from './ingest.ts';
import { measureIdle } from './idle.ts';
import { missedLimits } from './limits.ts';
import { measureOvertaking, settleFlood, storeRules } from './overtaking.ts';
import { measureRawCreates } from './raw-creates.ts';
import { measureReads } from './reads.ts';
import { residentMiB } from './resident.ts';
import { round } from './statistics.ts';

const root = join(import.meta.dirname, '../..');

/**
 * `npm run bench`: prints one JSON object. All figures of a section are of one run on one cluster without nodes, with
 * what the same API server does by itself beside them: only ratios can be compared between machines. Ends with 1 when a read
 * takes longer, or the memory is more, than `missedLimits` allows on any machine.
 */
const { only, many } = new Command('bench')
  .addOption(new Option('--only <section>', 'measure this section alone').choices(['alerts', 'flood', 'reads']))
  .option('--many', 'fill the caches with 50,000 alerts as well (section reads)')
  .parse()
  .opts<{ only?: 'alerts' | 'flood' | 'reads'; many?: true }>();

// A role that had to compile keeps a compiler in its memory, which would be measured too. With the flags of a role, since the
// compile cache of Node is valid for the same flags only.
for (const role of ['apiserver', 'worker']) {
  execFileSync(process.execPath, [...launch.flags, 'cli/main.ts', role, '--help'], { cwd: root });
}

const report = {
  machine: {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGiB: round(totalmem() / 2 ** 30),
    node: process.version,
  },
  ...(only === undefined || only === 'alerts' ? await measureAlerts() : {}),
  ...(only === undefined || only === 'flood' ? { flood: await measureFlood() } : {}),
  ...(only !== undefined && only !== 'reads' ? {} : { reads: await measureReads({ many: many === true }) }),
};
console.log(JSON.stringify(report));
const missed = 'reads' in report ? missedLimits(report.reads) : [];
for (const limit of missed) console.error(limit);
process.exitCode = missed.length === 0 ? 0 : 1;

/** From alerts to Workflows, and the ingest by itself. */
async function measureAlerts() {
  const harness = await startHarness({ durable: true });
  try {
    await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
    const idle = await measureIdle(harness);
    const raw = await measureRawCreates(harness);
    const burst = await measureBurst(harness);
    const before = residentMiB(harness);
    const newAlerts = await measureNewAlerts(harness);
    const duplicates = await measureDuplicates(harness);
    return {
      rawCreatesPerSecond: raw,
      idle,
      burst: { ...burst, ratioToRawCreates: round(burst.workflowsPerSecond / raw, 3) },
      newAlerts,
      duplicates,
      residentMiB: { ...before, ...residentMiB(harness) },
    };
  } finally {
    await harness.stop();
  }
}

/** An alert that a rule matches beside 10,000 that none matches, and a burst beside what they left and 1,000 rules. */
async function measureFlood() {
  const harness = await startHarness({ durable: true });
  try {
    await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
    const idle = await measureIdle(harness);
    const empty = await measureBurst(harness, 'empty');
    const overtaking = await measureOvertaking(harness);
    const settledAfterSeconds = await settleFlood(harness);
    const resident = residentMiB(harness);
    const rules = await storeRules(harness);
    const full = await measureBurst(harness, 'full');
    return {
      idle,
      overtaking: { ...overtaking, p95ToIdleP50: round(overtaking.p95Ms / idle.p50Ms) },
      settledAfterSeconds,
      residentMiB: resident,
      burst: {
        empty: empty.workflowsPerSecond,
        [`with${rules}RulesAnd10000Alerts`]: full.workflowsPerSecond,
        ratio: round(full.workflowsPerSecond / empty.workflowsPerSecond, 2),
      },
    };
  } finally {
    await harness.stop();
  }
}
