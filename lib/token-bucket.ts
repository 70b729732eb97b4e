import { LRUCache } from 'lru-cache';

/** Lets each key through `burst` times at once, then once per `refillMs`. */
export interface TokenBuckets {
  /** False when the key has to wait. */
  take(key: string): boolean;
}

export interface TokenBucketOptions {
  readonly burst: number;
  readonly refillMs: number;
  /** Keys that are remembered; a forgotten one starts anew. */
  readonly maxKeys: number;
  readonly monotonicMs: () => number;
}

export function createTokenBuckets({ burst, refillMs, maxKeys, monotonicMs }: TokenBucketOptions): TokenBuckets {
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: maxKeys });
  return {
    take: (key) => {
      const now = monotonicMs();
      const { tokens, at } = buckets.get(key) ?? { tokens: burst, at: now };
      const filled = Math.min(burst, tokens + (now - at) / refillMs);
      const allowed = filled >= 1;
      buckets.set(key, { tokens: allowed ? filled - 1 : filled, at: now });
      return allowed;
    },
  };
}
