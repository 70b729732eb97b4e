import { z } from 'zod';
import { duration, processSettings, secret } from '../../process/settings.ts';
import { redisUrl } from '../../queue/connection/redis-url.ts';

/**
 * How many keys of each kind one worker process works on at once: mostly waiting for the API server. With many more, what
 * is urgent stands beside what is not in front of a busy API server, which knows no difference.
 */
const defaultConcurrency = 8;

/** What the worker takes beside what every role takes. */
export const workerSettings = {
  kubeconfig: z
    .string()
    .optional()
    .meta({ description: 'path of a kubeconfig; else KUBECONFIG, the pod, ~/.kube/config' }),
  context: z.string().optional().meta({ description: 'context of the kubeconfig' }),
  namespace: z
    .string()
    .optional()
    .meta({ description: 'release namespace, home of the Lease; else the one of the pod or context' }),
  redisUrl: redisUrl().default('redis://127.0.0.1:6379').meta({
    description: 'redis://, rediss://, redis+sentinel://host1,host2/<master>, redis+cluster://host1,host2',
  }),
  redisPassword: z
    .string()
    .optional()
    .meta({ ...secret, description: "password of Redis; takes precedence over the URL's" }),
  redisSentinelPassword: z
    .string()
    .optional()
    .meta({ ...secret, description: 'password of the sentinels' }),
  redisCa: z
    .string()
    .optional()
    .meta({ ...secret, description: 'CA of Redis, PEM; else the public ones' }),
  queuePrefix: z
    .string()
    .regex(/^\{[A-Za-z0-9._-]+\}$/, 'must be a hash tag like {aegis}, so that all keys lie on one node of a cluster')
    .default('{aegis}')
    .meta({ description: 'prefix of all keys in Redis' }),
  concurrency: z
    .int()
    .min(1)
    .max(1_000)
    .default(defaultConcurrency)
    .meta({ description: 'keys of each kind worked on at once' }),
  reconcileTimeout: duration().prefault('60s').meta({ description: 'time after which a run is told to stop' }),
  resyncInterval: duration().prefault('60s').meta({ description: 'time between two looks at all that is not settled' }),
  leaderElect: z.boolean().default(true).meta({ description: 'off only where there is exactly one worker' }),
  ruleScope: z.enum(['Cluster', 'Namespace']).default('Cluster').meta({
    description: 'whether rules match alerts of all namespaces or of their own',
  }),
  ttlAfterSuccess: duration()
    .prefault('24h')
    .meta({ description: 'how long an alert is kept after its remediation succeeded' }),
  ttlAfterFailure: duration()
    .prefault('72h')
    .meta({ description: 'how long an alert is kept after its remediation failed' }),
  ttlAfterNoOps: duration()
    .prefault('24h')
    .meta({ description: 'how long an alert is kept when nothing was done about it' }),
  staleAfter: duration().prefault('25h').meta({ description: 'silence after which a firing alert counts as stale' }),
  startDeadline: duration().prefault('10m').meta({ description: 'time in which a Workflow must have started' }),
  auditLog: z
    .string()
    .default('')
    .meta({ description: 'file to which every decision is appended, of this worker alone; empty = no audit' }),
};

export const WorkerConfig = z.object({ ...processSettings, ...workerSettings });
export type WorkerConfig = z.infer<typeof WorkerConfig>;

/** The settings that `aegis dead-letters` takes. */
export const RedisConfig = z.object({
  redisUrl: workerSettings.redisUrl,
  redisPassword: workerSettings.redisPassword,
  redisSentinelPassword: workerSettings.redisSentinelPassword,
  redisCa: workerSettings.redisCa,
  queuePrefix: workerSettings.queuePrefix,
});
export type RedisConfig = z.infer<typeof RedisConfig>;
