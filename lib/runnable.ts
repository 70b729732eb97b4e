/** A component that runs for as long as the process does: a server, a watch, a worker. */
export interface Runnable {
  readonly name: string;
  /**
   * Resolves when the work has begun. `fatal` may be called at any later time: the process cannot go on without this
   * runnable and ends with an error.
   */
  start(fatal: (error: unknown) => void): Promise<void> | void;
  /** Called once before any `stop`: keep serving, accept no new work. */
  drain?(): void;
  /** Ends the work. Called once, possibly while `start` is still under way. */
  stop(): Promise<void> | void;
  /** Milliseconds that `stop` may take; 10,000 when absent. */
  readonly stopTimeoutMs?: number;
}
