/** Keeps two runs of the same key in this process apart; the second waits for the first. */
export interface KeyLocks {
  hold(key: string, work: () => Promise<void>): Promise<void>;
}

export function createKeyLocks(): KeyLocks {
  const tails = new Map<string, Promise<void>>();
  return {
    hold: async (key, work) => {
      const before = tails.get(key);
      const { promise: done, resolve } = Promise.withResolvers<undefined>();
      const tail = done.then(() => undefined);
      tails.set(key, tail);
      try {
        await before;
        await work();
      } finally {
        resolve(undefined);
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}
