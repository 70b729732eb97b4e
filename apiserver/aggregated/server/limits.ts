/** How many requests may be under way at once. */
export interface ConcurrencyLimits {
  readonly all: number;
  /** Of one user, so that one user cannot use up all capacity. */
  readonly perUser: number;
}

/** Counts requests under way. */
export interface Concurrency {
  /** Returns a function that ends the request, or which limit is reached. */
  enter(user: string): (() => void) | 'all' | 'user';
  inFlight(): number;
}

export function createConcurrency({ all, perUser }: ConcurrencyLimits): Concurrency {
  const perName = new Map<string, number>();
  let total = 0;
  return {
    enter: (user) => {
      const own = perName.get(user) ?? 0;
      if (own >= perUser) return 'user';
      if (total >= all) return 'all';
      total += 1;
      perName.set(user, own + 1);
      return () => {
        total -= 1;
        const left = (perName.get(user) ?? 1) - 1;
        if (left === 0) perName.delete(user);
        else perName.set(user, left);
      };
    },
    inFlight: () => total,
  };
}
