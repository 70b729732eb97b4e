import { z } from 'zod';
import { formatKey, parseKey, redisKeys, type ObjectKey } from '../keys.ts';
import type { RedisClient } from '../connection/redis.ts';

/** A key whose job was given up. */
export const DeadLetter = z.object({
  /** `kind/namespace/name` */
  key: z.string(),
  /** The last error, without credentials. */
  error: z.string(),
  kind: z.string(),
  attempts: z.number(),
  /** RFC 3339 */
  time: z.string(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/**
 * What could not be done, by key, until it succeeds: BullMQ's own set of failed jobs counts runs, not keys, and does not
 * learn that a later run of the key went well.
 */
export interface DeadLetters {
  record(letter: DeadLetter): Promise<void>;
  /** To be called after each success; costs nothing unless the key is known to be dead. */
  clear(key: ObjectKey): Promise<void>;
  /** Newest first. */
  list(): Promise<DeadLetter[]>;
  remove(key: string): Promise<void>;
  /** Reads what other processes recorded. Returns the number of dead letters by kind; kinds without any are absent. */
  refresh(): Promise<Record<string, number>>;
}

/** More than this are not kept; they are still in the log. */
const maxKept = 10_000;
const maxErrorLength = 2_000;

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
