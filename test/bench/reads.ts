import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { cpuPerRequest, cpuTimes, type CpuTimes } from './cpu.ts';
import { crowdAlert, createCrowd } from './crowd.ts';
import type { FloodOptions } from './flood.ts';
import { histogramBound, metricOf } from './metrics.ts';
import { connectReader, type Reader } from './reader.ts';
import { residentMiB } from './resident.ts';
import { inParallel, percentile, round } from './statistics.ts';

const group = '/apis/subresources.aegis.io/v1alpha1';
const native = '/apis/aegis.io/v1alpha1';
/** Alerts in the cache, and how many of them have an attempt with its Workflow. */
const sizes = { alerts: 10_000, attempts: 2_000, manyAlerts: 50_000 } as const;
/** Requests of each kind before those that count: until then the compilers of Node are at work beside them. */
const warmUp = 3_200;
/** A fifth of one core. */
const atRest = { forMs: 5_000, cpuMs: 1_000 } as const;

interface Latency {
  p50Ms: number;
  p99Ms: number;
}

/**
 * The aggregated API and the webhooks through a kube-apiserver, each beside what the same kube-apiserver takes for the
 * like of its own.
 *
 * @param options.many whether to fill the cache with 50,000 alerts at the end
 */
export async function measureReads({ many }: { many: boolean }) {
  const harness = await startHarness({ extension: true, workers: 0 });
  const reader = await connectReader(harness);
  try {
    await eventually('the API to be served', () => harness.rest.request({ method: 'GET', path: group }), {
      withinMs: 60_000,
    });
    await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
    const idle = resident(harness);
    await fill(harness, 0, sizes.alerts, sizes.attempts);
    const filled = resident(harness);
    await eventually('the cluster to have nothing left to do', () => isAtRest(harness), { withinMs: 180_000 });
    const inspectNew = await compareReads(harness, reader, sizes.alerts - 1);
    const inspectAttempted = await compareReads(harness, reader, 0);
    const discovery = await measureDiscovery(harness);
    const admission = await measureAdmission(harness);
    const worked = resident(harness);
    if (many) await fill(harness, sizes.alerts, sizes.manyAlerts, 0);
    return {
      inspectNew,
      inspectAttempted,
      discovery,
      admission,
      residentMiB: { idle, filled, worked, ...(many && { many: resident(harness) }) },
    };
  } finally {
    await reader.close();
    await harness.stop();
  }
}

function resident(harness: Harness): number | undefined {
  return residentMiB(harness)['apiserver-0'];
}

async function fill(harness: Harness, from: number, to: number, attempts: number): Promise<void> {
  await createCrowd(harness, from, to, attempts);
  await eventually('the cache to be filled', async () => {
    const sizes = await metricOf(harness, 'aegis_cache_objects');
    return sizes.some((one) => one.labels.includes('"aegisalerts"') && one.value >= to);
  });
  // The next collections remove the garbage of the filling.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
}

/** Whether all processes together leave the machine alone for five seconds. */
async function isAtRest(harness: Harness): Promise<boolean> {
  const used = (): number => Object.values(cpuTimes(harness)).reduce((sum, ms) => sum + ms, 0);
  const before = used();
  await new Promise((resolve) => setTimeout(resolve, atRest.forMs));
  return used() - before < atRest.cpuMs;
}

/** `inspect` of an alert against GET of the alert itself, by turns. */
async function compareReads(harness: Harness, reader: Reader, index: number) {
  const path = `namespaces/${NAMESPACE}/aegisalerts/${crowdAlert(index).metadata.name}`;
  const inTurns = (concurrency: number, count: number): Promise<[Series, Series]> =>
    byTurns(harness, [() => reader.read(`${native}/${path}`), () => reader.read(`${group}/${path}/inspect`)], {
      concurrency,
      count,
    });
  await inTurns(16, warmUp);
  // Enough for several of the rare large collections of all processes, each of which makes one request in a hundred slow.
  return { alone: compared(await inTurns(1, 8_000)), at16: compared(await inTurns(16, 16_000)) };
}

interface Series {
  /** Milliseconds of each request. */
  readonly times: number[];
  /** CPU times before and after each portion. */
  readonly cpu: [CpuTimes, CpuTimes][];
}

/**
 * Portions of each by turns, so that other load of the machine affects both. A portion is 50 times the concurrency, and
 * at least 400: in a short one, many requests are of its beginning, when all start at once, and of its end, when fewer
 * and fewer are under way.
 */
async function byTurns(
  harness: Harness,
  [one, other]: readonly [() => Promise<void>, () => Promise<void>],
  { concurrency, count }: { concurrency: number; count: number },
): Promise<[Series, Series]> {
  const series: [Series, Series] = [
    { times: [], cpu: [] },
    { times: [], cpu: [] },
  ];
  const portion = Array.from({ length: Math.max(400, concurrency * 50) }, (_, index) => index);
  const turn = async (work: () => Promise<void>, { times, cpu }: Series): Promise<void> => {
    const before = cpuTimes(harness);
    times.push(...(await inParallel(portion, concurrency, work)));
    cpu.push([before, cpuTimes(harness)]);
  };
  for (let done = 0; done < count; done += portion.length) {
    await turn(one, series[0]);
    await turn(other, series[1]);
  }
  return series;
}

function compared([own, ours]: readonly [Series, Series]) {
  const [a, b] = [latency(own.times), latency(ours.times)];
  const cpu = ({ times, cpu: pairs }: Series): CpuTimes => cpuPerRequest(pairs, times.length);
  return {
    native: { ...a, cpuMs: cpu(own) },
    inspect: { ...b, cpuMs: cpu(ours) },
    ratioP50: round(b.p50Ms / a.p50Ms, 2),
    ratioP99: round(b.p99Ms / a.p99Ms, 2),
  };
}

function latency(samples: readonly number[]): Latency {
  return { p50Ms: round(percentile(samples, 0.5), 2), p99Ms: round(percentile(samples, 0.99), 2) };
}

/** Discovery, alone and while a client sends the largest bodies that are allowed. */
async function measureDiscovery({
  rest,
  cluster,
}: Harness): Promise<{ quiet: Latency; besideLargeBodies: Latency; largeBodies: number }> {
  const read = async (): Promise<Latency> => {
    const requests = Array.from({ length: 1_500 }, (_, index) => index);
    return latency(
      await inParallel(requests, 1, async () => {
        await rest.request({ method: 'GET', path: group });
      }),
    );
  };
  await read();
  const quiet = await read();
  const stop = await startFlood({
    kubeconfig: cluster.kubeconfigPath,
    paths: [
      `${group}/namespaces/${NAMESPACE}/aegisalerts/${crowdAlert(0).metadata.name}/trigger`,
      `${group}/namespaces/${NAMESPACE}/aegisopstemplates/nodehasemergencyevent/render`,
    ],
  });
  const besideLargeBodies = await read();
  return { quiet, besideLargeBodies, largeBodies: await stop() };
}

/** Resolves when the first body was answered, to what ends it and tells how many were. */
async function startFlood(options: FloodOptions): Promise<() => Promise<number>> {
  const thread = new Worker(new URL('./flood.ts', import.meta.url), { workerData: options });
  await once(thread, 'message');
  return async () => {
    const answered = once(thread, 'message');
    thread.postMessage('stop');
    const [count] = (await answered) as [number];
    await thread.terminate();
    return count;
  };
}

/** Dry creates of rules, which the webhook judges, against those of alerts, which it does not, by turns. */
async function measureAdmission(harness: Harness) {
  const rule = (index: number): object => ({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name: `bench-${index}`, namespace: NAMESPACE },
    spec: {
      alertConditions: [{ type: 'NodeHasEmergencyEvent', status: 'Firing' }],
      opsTemplate: {
        ...{ kind: 'AegisOpsTemplate', apiVersion: 'aegis.io/v1alpha1' },
        ...{ namespace: NAMESPACE, name: 'nodehasemergencyevent' },
      },
    },
  });
  const create = async (plural: string, body: object): Promise<void> => {
    const path = `${native}/namespaces/${NAMESPACE}/${plural}`;
    await harness.rest.request({ method: 'POST', path, query: { dryRun: 'All' }, body });
  };
  const rules: number[] = [];
  const alerts: number[] = [];
  for (let index = 0; index < 400; index += 1) {
    rules.push(...(await inParallel([index], 1, (one) => create('aegisalertopsrules', rule(one)))));
    alerts.push(...(await inParallel([index], 1, () => create('aegisalerts', crowdAlert(1_000_000)))));
  }
  const bound = await histogramBound(harness, 'aegis_admission_duration_seconds', 0.99);
  return { judged: latency(rules.slice(50)), notJudged: latency(alerts.slice(50)), ownP99AtMostMs: bound * 1_000 };
}
