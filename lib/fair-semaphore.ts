import { UnavailableError } from './deadline.ts';

/** Bounds how much work runs at once. Tenants take turns, so that a flood delays only the tenant that sends it. */
export class FairSemaphore {
  private readonly limit: number;
  private running = 0;
  /** Waiting work by tenant; the tenant whose turn is next comes first. */
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * Runs `work` when a slot is free for the tenant.
   *
   * @throws UnavailableError when the signal aborts before the work begins
   */
  async run<T>(tenant: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.running < this.limit) this.running += 1;
    else await this.slot(tenant, signal);
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private slot(tenant: string, signal: AbortSignal): Promise<undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const grant = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(undefined);
    };
    const giveUp = (): void => {
      this.leave(tenant, grant);
      reject(new UnavailableError('waiting for a free connection took too long'));
    };
    if (signal.aborted) giveUp();
    else {
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.set(tenant, (this.waiting.get(tenant) ?? new Set()).add(grant));
    }
    return promise;
  }

  private leave(tenant: string, grant: () => void): void {
    const queue = this.waiting.get(tenant);
    queue?.delete(grant);
    if (queue?.size === 0) this.waiting.delete(tenant);
  }

  /** Hands the slot to the tenant that has waited longest for one; that tenant then queues behind the others. */
  private release(): void {
    const [tenant, queue] = this.waiting.entries().next().value ?? [];
    const grant = queue?.values().next().value;
    if (tenant === undefined || queue === undefined || grant === undefined) {
      this.running -= 1;
      return;
    }
    this.waiting.delete(tenant);
    queue.delete(grant);
    if (queue.size > 0) this.waiting.set(tenant, queue);
    grant();
  }
}
