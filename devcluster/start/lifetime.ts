const PARENT_POLL_MS = 500;

/** Why this process is to end. */
export type Ending = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent';

/**
 * An abort signal that fires once when this process is asked to end: by a signal, or because the process that started
 * it is gone, which is all that we see of a SIGTERM to npm. Its reason is an `Ending`. Further requests are ignored,
 * because the end is under way and takes a few seconds.
 */
export function watchForEnd(): AbortSignal {
  const controller = new AbortController();
  const end = (ending: Ending): void => {
    if (!controller.signal.aborted) controller.abort(ending);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      end(signal);
    });
  }
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end('parent');
  }, PARENT_POLL_MS).unref();
  return controller.signal;
}

/** Resolves when the signal fires, at once if it has. */
export function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
