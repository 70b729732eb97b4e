import { z } from 'zod';
import { secret } from '../process/settings.ts';
import { redisUrl } from './connection/redis-url.ts';

/** Settings of the connection to Redis and of the prefix of its keys. */
export const redisSettings = {
  redisUrl: redisUrl().default('redis://127.0.0.1:6379').meta({
    description:
      'URL of Redis: redis://, rediss://, redis+sentinel://host1,host2/<master> or redis+cluster://host1,host2',
  }),
  redisPassword: z
    .string()
    .optional()
    .meta({ ...secret, description: 'password of Redis; takes precedence over that of the URL' }),
  redisSentinelPassword: z
    .string()
    .optional()
    .meta({ ...secret, description: 'password of the sentinels' }),
  redisCa: z
    .string()
    .optional()
    .meta({ ...secret, description: 'CA certificate of Redis, PEM; default: the public CAs' }),
  queuePrefix: z
    .string()
    .regex(/^\{[A-Za-z0-9._-]+\}$/, 'must be a hash tag such as {aegis}, so that all keys are on one node of a cluster')
    .default('{aegis}')
    .meta({ description: 'prefix of all keys in Redis' }),
};

export const RedisConfig = z.object(redisSettings);
export type RedisConfig = z.infer<typeof RedisConfig>;
