/** A signal that aborts when its time is up or when a signal of the caller aborts. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Returns true when the time was up before anything else aborted the signal. */
  expired(): boolean;
  /** Aborts the signal now. */
  abort(reason: Error): void;
  /** Removes the time limit; the caller's signals still count. */
  lift(): void;
  /** Releases the timer and the listeners. Must be called in the end. */
  clear(): void;
}

/** The reason of a deadline's signal when the time is up. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';
}

/** The work may succeed later: its time is up, or too much other work is ahead of it. Answered with 503. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/**
 * Starts a deadline. `AbortSignal.any` is not used because it keeps its signals alive as long as the caller's signal,
 * which may live as long as the process.
 *
 * @param ms milliseconds
 * @param callers the first of them that aborts ends the deadline
 */
export function startDeadline(ms: number, ...callers: readonly (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = !controller.signal.aborted;
    controller.abort(new DeadlineExceededError(`no end within ${ms} ms`));
  }, ms);
  const follow = () => {
    controller.abort(callers.find((signal) => signal?.aborted)?.reason);
  };
  if (callers.some((signal) => signal?.aborted)) follow();
  for (const signal of callers) signal?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired,
    abort: (reason) => {
      controller.abort(reason);
    },
    lift: () => {
      clearTimeout(timer);
    },
    clear: () => {
      clearTimeout(timer);
      for (const signal of callers) signal?.removeEventListener('abort', follow);
    },
  };
}

/** Waits for `promise`, but rejects with the signal's reason when the signal aborts first. The work itself goes on. */
export async function untilAborted<R>(promise: Promise<R>, signal: AbortSignal): Promise<R> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(signal.reason as Error);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Waits for `work` no longer than until the signal aborts. The work itself goes on.
 *
 * @param what the work, for the error's message
 * @throws UnavailableError when the signal aborts first
 */
export async function withinDeadline<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  try {
    return await untilAborted(work, signal);
  } catch (error) {
    if (signal.aborted && error === signal.reason) throw new UnavailableError(`${what} took too long`);
    throw error;
  }
}

/**
 * Waits for `work` at most `ms` milliseconds. The work itself goes on.
 *
 * @returns `late` when the time is up first
 */
export async function withinTime<T>(work: Promise<T> | T, ms: number): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, ms, 'late');
  try {
    return await Promise.race([late, work]);
  } finally {
    clearTimeout(timer);
  }
}
