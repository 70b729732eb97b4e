import { UnavailableError } from './within-deadline.ts';

/** Bounds how many pieces of work run at once; tenants take turns, so that one that floods delays only itself. */
export interface Turns {
  /** @throws UnavailableError when the turn does not come before the signal aborts */
  run<T>(tenant: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createTurns(limit: number): Turns {
  let running = 0;
  /** Tenants that wait, the next one first. */
  const waiting = new Map<string, Set<() => void>>();
  return { run };

  async function run<T>(tenant: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (running < limit) running += 1;
    else await turn(tenant, signal);
    try {
      return await work();
    } finally {
      passOn();
    }
  }

  function turn(tenant: string, signal: AbortSignal): Promise<undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const go = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(undefined);
    };
    const giveUp = (): void => {
      leave(tenant, go);
      reject(new UnavailableError('waiting for a free connection took too long'));
    };
    if (signal.aborted) giveUp();
    else {
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.set(tenant, (waiting.get(tenant) ?? new Set()).add(go));
    }
    return promise;
  }

  function leave(tenant: string, go: () => void): void {
    const queue = waiting.get(tenant);
    queue?.delete(go);
    if (queue?.size === 0) waiting.delete(tenant);
  }

  /** Hands the place to the tenant that has waited longest for one, which then queues up behind the others. */
  function passOn(): void {
    const [tenant, queue] = waiting.entries().next().value ?? [];
    const go = queue?.values().next().value;
    if (tenant === undefined || queue === undefined || go === undefined) {
      running -= 1;
      return;
    }
    waiting.delete(tenant);
    queue.delete(go);
    if (queue.size > 0) waiting.set(tenant, queue);
    go();
  }
}
