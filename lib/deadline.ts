/** A signal that is aborted when time is up or when the caller's own signal is. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when time was up first. */
  expired(): boolean;
  /** Aborts the signal now. */
  abort(reason: Error): void;
  /** Time is no longer limited; the caller's signal still counts. */
  lift(): void;
  /** Must be called in the end. */
  clear(): void;
}

/** `AbortSignal.any` would do, but keeps its signals alive as long as the caller's, which may be the process's. */
export function startDeadline(ms: number, callers?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = !controller.signal.aborted;
    controller.abort(new Error(`no end within ${ms} ms`));
  }, ms);
  const follow = () => {
    controller.abort(callers?.reason);
  };
  if (callers?.aborted) follow();
  callers?.addEventListener('abort', follow, { once: true });
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
      callers?.removeEventListener('abort', follow);
    },
  };
}

/** Stops waiting when the signal is aborted: rejects with its reason then. */
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
