import type { Caches } from '../../../apiserver/caches.ts';
import { SharedInformers } from '../../../kube/cache/shared-informers.ts';
import type { KubeAccess } from '../../../kube/client/access.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { createInformers, informerNames } from '../../../roles/process-access.ts';

/** Starts the informers that the aggregated API reads, and waits until their caches are filled. */
export async function startInformers(
  { rest, metrics }: Pick<KubeAccess, 'rest' | 'metrics'>,
  logger: Logger,
): Promise<{ caches: Caches; stop(): Promise<void> }> {
  const informers = new SharedInformers({ rest, metrics, logger, clock: systemClock() });
  const caches = createInformers(informers, { outline: true });
  const names = Object.values(informerNames);
  informers.require(...names);
  await informers.runnable.start();
  await informers.waitFor(names).start();
  return { caches, stop: () => informers.runnable.stop() };
}
