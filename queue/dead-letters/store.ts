import { z } from 'zod';
import { formatKey, parseKey, redisKeys, type ObjectKey } from '../keys.ts';
import type { RedisClient } from '../connection/redis.ts';

/** A dead key: the queue gave up its last job. */
export const DeadLetter = z.object({
  /** `kind/namespace/name` */
  key: z.string(),
  /** Message of the last error, without credentials. */
  error: z.string(),
  kind: z.string(),
  attempts: z.number(),
  /** RFC 3339 */
  time: z.string(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/**
 * The dead keys of the queue. A key stays in the list until a run of it succeeds. BullMQ's own set of failed jobs cannot
 * be used: it counts runs, not keys, and keeps a failed run after a later run of the key succeeded.
 */
export interface DeadLetters {
  record(letter: DeadLetter): Promise<void>;
  /** Removes a key. Call it after each success; it sends a command only for a dead key. */
  clear(key: ObjectKey): Promise<void>;
  /** Newest first. */
  list(): Promise<DeadLetter[]>;
  remove(key: string): Promise<void>;
  /** Reads the dead keys of all processes; returns their number by controller, without controllers that have none. */
  refresh(): Promise<Record<string, number>>;
}

/** Further dead keys are not stored; the log has them. */
const maxKept = 10_000;
const maxErrorLength = 2_000;

/** Creates the store, which keeps the dead keys in one Redis hash. */
export function createDeadLetters(client: RedisClient, prefix: string): DeadLetters {
  const hash = redisKeys(prefix).deadLetters;
  let known = new Set<string>();
  return {
    record: async (letter) => {
      if ((await client.hlen(hash)) >= maxKept && !known.has(letter.key)) return;
      const text = JSON.stringify({ ...letter, error: letter.error.slice(0, maxErrorLength) });
      await client.hset(hash, letter.key, text);
      known.add(letter.key);
    },
    clear: async (key) => {
      const id = formatKey(key);
      if (known.delete(id)) await client.hdel(hash, id);
    },
    list: async () => {
      const letters = Object.values(await client.hgetall(hash)).map((text) => DeadLetter.parse(JSON.parse(text)));
      return letters.sort((a, b) => b.time.localeCompare(a.time) || a.key.localeCompare(b.key));
    },
    remove: async (key) => {
      known.delete(key);
      await client.hdel(hash, key);
    },
    refresh: async () => {
      known = new Set(await client.hkeys(hash));
      const kinds = Map.groupBy(known, (key) => parseKey(key).kind);
      return Object.fromEntries([...kinds].map(([kind, keys]) => [kind, keys.length]));
    },
  };
}
