import { z } from 'zod';
import { controllerSettings } from '../../controllers/settings.ts';
import { duration, processSettings } from '../../process/settings.ts';
import { redisSettings } from '../../queue/settings.ts';
import { releaseSettings } from '../release.ts';

/**
 * How many keys of each kind one worker process works on at once: mostly waiting for the API server. With many more, urgent
 * and other work compete for a busy API server, which does not tell them apart.
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
    .meta({ description: 'keys of each kind worked on at once' }),
  reconcileTimeout: duration().prefault('60s').meta({ description: 'time after which a run is told to stop' }),
  resyncInterval: duration().prefault('60s').meta({ description: 'time between two looks at all that is not settled' }),
  leaderElect: z.boolean().default(true).meta({ description: 'off only where there is exactly one worker' }),
  ...controllerSettings,
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;
