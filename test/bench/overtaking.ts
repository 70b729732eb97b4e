import { aegisAlerts } from '../../crds/alert.ts';
import { aegisAlertOpsRules } from '../../crds/ops-rule.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { atRate, sendUntilAcknowledged } from '../harness/senders.ts';
import { eventually } from '../harness/eventually.ts';
import type { Harness } from '../harness/aegis.ts';
import { distinct, nameOf, send } from './alerts.ts';
import { inParallel, percentile, round } from './statistics.ts';
import { watchWorkflows } from './workflow-watch.ts';

const floodAlerts = 10_000;
/** As Alertmanager groups them. */
const group = 50;
const floodPerSecond = 334;
const probes = 60;
const probeGapMs = 500;
const storedRules = 1_000;

/**
 * Floods the ingest with 10,000 alerts that no rule matches, and meanwhile sends one that a rule matches twice a second:
 * milliseconds from its POST to its Workflow.
 */
export async function measureOvertaking(harness: Harness) {
  const watch = await watchWorkflows(harness);
  const flood = distinct('flood', floodAlerts, { type: 'NoRuleMatches' });
  const started = performance.now();
  let ingestSeconds = 0;
  const flooding = atRate(floodAlerts / group, floodPerSecond / group, async (index) => {
    await sendUntilAcknowledged(harness.ingest, flood.slice(index * group, (index + 1) * group));
  }).then(() => {
    ingestSeconds = round((performance.now() - started) / 1_000);
  });
  const samples: Promise<number>[] = [];
  for (const alert of distinct('overtaking', probes)) {
    samples.push(latency(harness, watch, alert));
    await new Promise((resolve) => setTimeout(resolve, probeGapMs));
  }
  const measured = await Promise.all(samples);
  await flooding;
  watch.stop();
  return {
    floodAlerts,
    ingestSeconds,
    p50Ms: round(percentile(measured, 0.5)),
    p95Ms: round(percentile(measured, 0.95)),
    maxMs: round(Math.max(...measured)),
  };
}

async function latency(
  harness: Harness,
  watch: Awaited<ReturnType<typeof watchWorkflows>>,
  alert: ReturnType<typeof distinct>[number],
): Promise<number> {
  const started = performance.now();
  await send(harness, alert);
  return (await watch.seen(nameOf(alert))) - started;
}

/** Waits until each alert of the flood has its status. */
export async function settleFlood(harness: Harness): Promise<number> {
  const started = performance.now();
  const client = harness.client(aegisAlerts);
  await eventually(
    'every alert of the flood to have a status',
    async () => {
      let open = 0;
      for await (const page of client.listPages({ namespace: NAMESPACE })) {
        open += page.items.filter(({ status }) => status?.opsStatus?.triggerStatus === undefined).length;
      }
      return open === 0;
    },
    { withinMs: 300_000, everyMs: 2_000 },
  );
  return round((performance.now() - started) / 1_000);
}

/**
 * Stores 1,000 rules, none of which matches an alert of the benchmark: half by a name, half by a pattern. Waits until each
 * has its status.
 */
export async function storeRules(harness: Harness): Promise<number> {
  const client = harness.client(aegisAlertOpsRules);
  const numbers = Array.from({ length: storedRules }, (_, index) => index);
  await inParallel(numbers, 10, async (index) => {
    await client.create({
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisAlertOpsRule',
      metadata: { name: `stored-${index}`, namespace: NAMESPACE },
      spec: {
        alertConditions: [{ type: index % 2 === 0 ? `Stored${index}` : `Stored${index}.*`, status: 'Firing' }],
        opsTemplate: { kind: 'AegisOpsTemplate', name: 'none' },
      },
    } as never);
  });
  await eventually(
    'every rule to have a status',
    async () => {
      const { items } = await client.list({ namespace: NAMESPACE });
      return items.every(({ status }) => status?.conditions !== undefined);
    },
    { withinMs: 120_000, everyMs: 1_000 },
  );
  return storedRules;
}
