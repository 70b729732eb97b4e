import { LRUCache } from 'lru-cache';

/** Rate limiter: admits each key `burst` times at once, then once per `refillMs`. */
export interface TokenBuckets {
  /** Takes a token of the key; returns false when none is left. */
  take(key: string): boolean;
}

export interface TokenBucketOptions {
  readonly burst: number;
  readonly refillMs: number;
  /** Largest number of keys; a key that was evicted starts again with a full bucket. */
  readonly maxKeys: number;
  readonly monotonicMs: () => number;
}

/** Creates a rate limiter with one token bucket per key. */
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
