import { z } from 'zod';
import { controllerSettings } from '../../controllers/settings.ts';
import { duration, processSettings } from '../../process/settings.ts';
import { redisSettings } from '../../queue/settings.ts';
import { releaseSettings } from '../release.ts';

/**
 * Reconcile runs of each kind in one worker process; they mostly wait for the API server. With many more, urgent and other
 * work compete for a busy API server, which does not distinguish them.
 */
const defaultConcurrency = 8;

/** Flags and environment of the worker role. */
export const WorkerConfig = z.object({
  ...processSettings,
  ...releaseSettings,
  ...redisSettings,
  concurrency: z
    .int()
    .min(1)
    .max(1_000)
    .default(defaultConcurrency)
    .meta({ description: 'number of parallel reconcile runs of each kind' }),
  reconcileTimeout: duration().prefault('60s').meta({ description: 'time after which a reconcile run is cancelled' }),
  resyncInterval: duration().prefault('60s').meta({ description: 'time between two resyncs of all unsettled objects' }),
  leaderElect: z
    .boolean()
    .default(true)
    .meta({ description: 'elect a leader among the workers; disable only with exactly one worker' }),
  ...controllerSettings,
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;
