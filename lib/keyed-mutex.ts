import { withinDeadline } from './deadline.ts';

/** Runs work of the same key one after the other, in the order of the calls; work of different keys runs at once. */
export class KeyedMutex {
  private readonly tails = new Map<string, Promise<void>>();

  /** Returns whether work of this key is running or queued. */
  isHeld(key: string): boolean {
    return this.tails.has(key);
  }

  /**
   * Runs `work` when all earlier work of the key has ended. A failure rejects the promise of its own caller only.
   *
   * @throws UnavailableError when the signal aborts before the work begins; the work is then never started
   */
  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.tails.get(key);
    const { promise: done, resolve: finish } = Promise.withResolvers<undefined>();
    // A caller that gives up stays in the queue until the work before it has ended.
    const tail = (before === undefined ? done : Promise.all([before, done])).then(() => {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    });
    this.tails.set(key, tail);
    try {
      if (before !== undefined) await (signal ? withinDeadline(before, signal, 'waiting for the same object') : before);
      return await work();
    } finally {
      finish(undefined);
    }
  }
}
