import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Carries the AbortSignal of a run to every call that the run makes, however deep, without a parameter in each function
 * between. Work that several runs share must not be started within one of them: it would end with that run.
 */
export class SignalScope {
  private readonly storage = new AsyncLocalStorage<AbortSignal>();

  /** Runs `work`; in it and in all that it awaits, `signal` is {@link current}. */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.storage.run(signal, work);
  }

  /** Returns the signal of the run that calls; undefined outside of runs. */
  current(): AbortSignal | undefined {
    return this.storage.getStore();
  }
}
