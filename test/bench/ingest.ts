import type { Harness } from '../harness/aegis.ts';
import { distinct, send } from './alerts.ts';
import { inParallel, percentile, round } from './statistics.ts';

const concurrency = 20;
/** No rule is for these: the ingest is measured, and the worker only notes that nothing matches. */
const unmatched = { type: 'NobodyCares' };

interface Figures {
  perSecond: number;
  ackP95Ms: number;
}

async function measure(requests: number, work: (index: number) => Promise<void>, alertsEach = 1): Promise<Figures> {
  const numbers = Array.from({ length: requests }, (_, index) => index);
  const started = performance.now();
  const durations = await inParallel(numbers, concurrency, work);
  const seconds = (performance.now() - started) / 1_000;
  return { perSecond: round((requests * alertsEach) / seconds), ackP95Ms: round(percentile(durations, 0.95)) };
}

/** New alerts, one a request: while a worker reconciles each, and without other clients of the API server. */
export async function measureNewAlerts(harness: Harness): Promise<{ besideWorker: Figures; alone: Figures }> {
  const besideWorker = await measureNew(harness, 'new');
  await harness.cluster.supervisor.stop('worker-0');
  const alone = await measureNew(harness, 'fresh');
  return { besideWorker, alone };
}

function measureNew(harness: Harness, prefix: string): Promise<Figures> {
  const alerts = distinct(prefix, 2_000, unmatched);
  return measure(alerts.length, (index) => send(harness, alerts.slice(index, index + 1)));
}

/** Repetitions of alerts that are known: one a request, and in groups of 50 as Alertmanager sends them. */
export async function measureDuplicates(harness: Harness): Promise<{ single: Figures; groupsOf50: Figures }> {
  const known = distinct('new', 100, unmatched);
  const single = await measure(10_000, (index) => send(harness, known.slice(index % 100, (index % 100) + 1)));
  const groupsOf50 = await measure(
    600,
    (index) => send(harness, known.slice((index % 2) * 50, (index % 2) * 50 + 50)),
    50,
  );
  return { single, groupsOf50 };
}
