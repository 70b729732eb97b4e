import { hostname } from 'node:os';
import { openKube, type KubeAccess } from '../../kube/client/access.ts';
import { systemClock } from '../../lib/clock.ts';
import { events as eventType } from '../../kube/events/event.ts';
import { EventRecorder, eventsPart } from '../../kube/events/recorder.ts';
import { resources } from '../../kube/client/resources.ts';
import { runRoles, type Role, type Surroundings } from '../../process/role.ts';
import type { WorkerConfig } from './config.ts';
import { createDomainMetrics } from '../../controllers/metrics.ts';
import { createEnqueueLoop } from '../../queue/enqueue/loop.ts';
import { createInformers } from '../../controllers/informers.ts';
import { leaderTick } from './leader-tick.ts';
import { createLeadership, createSoleLeadership, ledTogether } from './leadership.ts';
import { createQueue } from '../../queue/queue.ts';
import { createReconcilers } from '../../controllers/reconcilers.ts';
import { periodic } from '../../lib/periodic.ts';
import { workerSources } from '../../controllers/watches.ts';

/** Runs the worker role until a signal; resolves to the exit code. */
export function runWorker(config: WorkerConfig): Promise<number> {
  return runRoles(config, (surroundings) => [buildWorker(config, surroundings)]);
}

/** Builds the worker role: from watches to the queue, and from the queue to reconciles. Nothing runs yet. */
export function buildWorker(
  config: WorkerConfig,
  surroundings: Surroundings,
  kube: KubeAccess = openWorkerKube(config, surroundings),
): Role {
  const { logger, clock, registry } = surroundings;
  const informers = createInformers(kube, logger, clock);
  const events = new EventRecorder({
    client: resources(kube.rest, eventType),
    controller: 'aegis.io/worker',
    instance: hostname(),
    clock: systemClock(),
    logger,
    metrics: kube.metrics,
  });
  const { reconcilers, ruleUsage, sweepLocks, sweepBudgets } = createReconcilers({
    config,
    rest: kube.rest,
    namespace: config.namespace,
    caches: informers.caches,
    events,
    metrics: createDomainMetrics(registry),
    logger,
    clock,
  });
  const queue = createQueue(config, surroundings, reconcilers);
  const loop = createEnqueueLoop({
    ...queue,
    sources: workerSources(informers.caches),
    resyncIntervalMs: config.resyncInterval,
    logger,
    clock,
  });
  // Any replica could: one is enough, and each write is for the state that was read.
  const budgets = leaderTick({ name: 'budgets', periodMs: 5_000, work: sweepBudgets });
  const locks = leaderTick({ name: 'lock-sweep', periodMs: 60_000, work: sweepLocks });
  const led = ledTogether(loop, locks.led, budgets.led);
  const ticks = [
    { name: 'enqueue-loop', periodMs: 1_000, work: () => loop.tick() },
    { name: 'rule-usage', periodMs: 15_000, work: () => ruleUsage.flush(), runAtStop: true },
    locks.tick,
    budgets.tick,
    ...queue.ticks,
  ];
  return {
    name: 'worker',
    parts: [
      ...kube.parts,
      informers.part,
      eventsPart(events),
      queue.connections,
      ...ticks.map((tick) => periodic({ ...tick, clock, logger })),
      queue.workers,
      config.leaderElect
        ? createLeadership({ kube, namespace: config.namespace, loop: led, logger })
        : createSoleLeadership(led),
    ],
    livez: [loop.check, informers.alive, ...queue.livez],
    readyz: [informers.synced, ...queue.readyz],
  };
}

/** Most runs are of alerts and remediations; the rest is for leases, events and counters. */
function openWorkerKube({ kubeconfig, context, concurrency }: WorkerConfig, { registry }: Surroundings): KubeAccess {
  const connections = 2 * concurrency + 4;
  return openKube({ kubeconfig, context, userAgent: 'aegis-worker', connections }, registry);
}
