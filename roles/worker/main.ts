import { hostname } from 'node:os';
import type { ControllerContext } from '../../controllers/controller.ts';
import { buildControllers } from '../../controllers/build.ts';
import { createDomainMetrics } from '../../controllers/metrics.ts';
import { registrations } from '../../controllers/registry.ts';
import { events as eventType } from '../../kube/events/event.ts';
import { EventRecorder, eventsPart } from '../../kube/events/recorder.ts';
import { resources } from '../../kube/client/resources.ts';
import { periodic } from '../../lib/periodic.ts';
import { runRoles, type Role, type Surroundings } from '../../process/role.ts';
import { EnqueueLoop } from '../../queue/enqueue/loop.ts';
import { createQueue } from '../../queue/queue.ts';
import { informerNames, openAccess, withAccess, type ProcessAccess } from '../process-access.ts';
import type { WorkerConfig } from './config.ts';
import { leaderTask } from './leader-task.ts';
import { createLeadership, createSoleLeadership, ledTogether } from './leadership.ts';

/** Runs the worker role until a signal; resolves to the exit code. */
export function runWorker(config: WorkerConfig): Promise<number> {
  const { kubeconfig, context } = config;
  return runRoles(config, (surroundings) => {
    const options = { kubeconfig, context, userAgent: 'aegis-worker', connections: workerConnections(config) };
    const access = openAccess({ ...options, outlines: false }, surroundings);
    return [withAccess(buildWorker(config, surroundings, access), access)];
  });
}

/** Returns the connections that a worker needs: most for runs of alerts and attempts, the rest for leases and events. */
export function workerConnections({ concurrency }: Pick<WorkerConfig, 'concurrency'>): number {
  return 2 * concurrency + 4;
}

/** Builds the worker role: from watches to the queue, and from the queue to reconciles. Nothing runs yet. */
export function buildWorker(
  config: WorkerConfig,
  surroundings: Surroundings,
  { kube, caches, informers }: ProcessAccess,
): Role {
  const { logger, clock, registry } = surroundings;
  const { namespace } = config;
  // Nothing is decided on half of the objects.
  const watched: string[] = Object.values(informerNames);
  const cacheOf: ControllerContext['cacheOf'] = (type) => {
    watched.push(type.plural);
    return informers.of(type);
  };
  const events = new EventRecorder({
    client: resources(kube.rest, eventType),
    controller: 'aegis.io/worker',
    instance: hostname(),
    clock,
    logger,
    metrics: kube.metrics,
  });
  const metrics = createDomainMetrics(registry);
  const controllers = buildControllers(registrations, {
    ...{ config, namespace, caches, cacheOf, events, metrics, logger, clock },
    rest: kube.rest,
  });
  informers.require(...watched);
  const queue = createQueue(config, surroundings, controllers.queued);
  const loop = new EnqueueLoop({
    ...queue,
    sources: controllers.sources,
    resyncIntervalMs: config.resyncInterval,
    logger,
    clock,
  });
  const sweeps = controllers.sweeps.map(leaderTask);
  const led = ledTogether(loop, ...sweeps.map((sweep) => sweep.led));
  const tasks = [
    { name: 'enqueue-loop', periodMs: 1_000, work: () => loop.tick() },
    ...controllers.flushes.map((flush) => ({ ...flush, runAtStop: true })),
    ...sweeps.map(({ task }) => task),
    ...queue.ticks,
  ];
  return {
    name: 'worker',
    parts: [
      informers.waitFor(watched),
      eventsPart(events),
      queue.connections,
      ...tasks.map((task) => periodic({ ...task, clock, logger })),
      queue.workers,
      config.leaderElect ? createLeadership({ kube, namespace, loop: led, logger }) : createSoleLeadership(led),
    ],
    livez: [loop.check, ...queue.livez],
    readyz: [informers.synced(watched), ...queue.readyz],
  };
}
