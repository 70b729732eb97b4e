import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Carries the AbortSignal of a run to every call that the run makes, however deep, without a parameter in each function
 * between. Work that runs share, such as one request that answers several of them, is started outside.
 */
export class SignalScope {
  private readonly storage = new AsyncLocalStorage<AbortSignal | undefined>();

  /** Runs `work`; in it and in all that it awaits, `signal` is {@link current}. */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.storage.run(signal, work);
  }

  /** Runs `work` without the signal of the run that calls it. */
  outside<T>(work: () => T): T {
    return this.storage.run(undefined, work);
  }

  /** Returns the signal of the run that calls; undefined outside of runs. */
  current(): AbortSignal | undefined {
    return this.storage.getStore();
  }
}
