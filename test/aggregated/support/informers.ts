import type { Caches } from '../../../apiserver/caches.ts';
import { InformerSet } from '../../../kube/cache/informer-set.ts';
import type { KubeAccess } from '../../../kube/client/access.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { createInformers, type Informers } from '../../../roles/process-access.ts';

/** Starts the informers that the aggregated API reads. */
export async function startInformers(
  kube: Pick<KubeAccess, 'rest' | 'metrics'>,
  logger: Logger,
): Promise<{ caches: Caches; stop(): Promise<void> }> {
  const caches = createInformers(kube, logger, { outline: true });
  const informers = new InformerSet(caches, systemClock());
  informers.require(Object.keys(caches) as (keyof Informers)[]);
  await informers.runnable.start();
  return { caches, stop: () => informers.runnable.stop() };
}
