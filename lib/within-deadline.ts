/** Time is up, or too much is waiting: the sender has to come again. Always answered with 503. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/**
 * Waits for `work`, but no longer than until the signal aborts.
 *
 * @throws UnavailableError with `what` when the signal aborts first; the work goes on
 */
export async function withinDeadline<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(new UnavailableError(`${what} took too long`));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
