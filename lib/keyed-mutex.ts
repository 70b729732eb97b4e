import { withinDeadline } from './within-deadline.ts';

/** Lets one caller per key work at a time, in the order in which they came. */
export interface KeyedLock {
  isHeld(key: string): boolean;
  /** @throws UnavailableError when the turn does not come before the signal aborts */
  run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return { isHeld: (key) => tails.has(key), run };

  async function run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = tails.get(key);
    const { promise: done, resolve: finish } = Promise.withResolvers<undefined>();
    // Whoever gives up must still keep its place until those before it are done.
    const tail = before === undefined ? done : Promise.all([before, done]);
    tails.set(key, tail);
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    try {
      if (before !== undefined) await withinDeadline(before, signal, 'waiting for the same alert');
      return await work();
    } finally {
      finish(undefined);
    }
  }
}
