import type { Caches } from '../../../apiserver/caches.ts';
import { InformerSet } from '../../../kube/cache/informer-set.ts';
import type { KubeAccess } from '../../../kube/client/access.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { createInformers, type Informers } from '../../../roles/process-access.ts';

/** Starts the informers that the aggregated API reads, and waits until their caches are filled. */
export async function startInformers(
  kube: Pick<KubeAccess, 'rest' | 'metrics'>,
  logger: Logger,
): Promise<{ caches: Caches; stop(): Promise<void> }> {
  const caches = createInformers(kube, logger, { outline: true });
  const informers = new InformerSet(caches, systemClock());
  const names = Object.keys(caches) as (keyof Informers)[];
  informers.require(names);
  await informers.runnable.start();
  await informers.waitFor(names).start();
  return { caches, stop: () => informers.runnable.stop() };
}
