import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { systemClock } from '../../lib/clock.ts';
import { leases } from '../../kube/kinds/lease.ts';
import { electLeader } from '../../kube/leases/election.ts';
import { resources } from '../../kube/client/resources.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Runnable } from '../../lib/runnable.ts';
import type { KubeAccess } from '../../kube/client/access.ts';

/** A runnable of the leader only. */
export interface Led {
  startLeading(): void;
  stopLeading(): void;
}

/** Begins and ends with all of them. */
export function ledTogether(...all: readonly Led[]): Led {
  return {
    startLeading: () => {
      for (const one of all) one.startLeading();
    },
    stopLeading: () => {
      for (const one of all) one.stopLeading();
    },
  };
}

/** In the release namespace. */
const leaseName = 'aegis-worker';

/** Lets one worker of the release enqueue what changes; the others stand by. */
export function createLeadership(options: {
  kube: Pick<KubeAccess, 'rest' | 'metrics'>;
  namespace: string;
  loop: Led;
  logger: Logger;
}): Runnable {
  const { kube, namespace, loop, logger } = options;
  const stopping = new AbortController();
  let campaign: Promise<void> | undefined;
  const election = electLeader({
    client: resources(kube.rest, leases),
    namespace,
    name: leaseName,
    identity: `${hostname()}_${randomUUID()}`,
    logger,
    metrics: kube.metrics,
    clock: systemClock(),
    onStartedLeading: async (signal) => {
      loop.startLeading();
      if (!signal.aborted) await once(signal, 'abort');
    },
    // A former leader may enqueue a key too many for a moment, which costs a run and nothing else.
    onStoppedLeading: () => {
      loop.stopLeading();
    },
  });
  return {
    name: 'leadership',
    start: () => {
      campaign = election.run(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await campaign;
    },
  };
}

/** For a worker that has no equals. */
export function createSoleLeadership(loop: Led): Runnable {
  return {
    name: 'leadership',
    start: () => {
      loop.startLeading();
    },
    stop: () => {
      loop.stopLeading();
    },
  };
}
