import { overloaded } from '../http/load-limits.ts';

/** How many alerts may be under way at once. */
export interface AlertLimits {
  readonly alerts: number;
  readonly alertsPerTenant: number;
}

/** Refuses payloads while too many alerts are under way; the sender tries again. */
export class AlertLimiter {
  readonly #limits: AlertLimits;
  readonly #perTenant = new Map<string, number>();
  #alerts = 0;

  constructor(limits: AlertLimits) {
    this.#limits = limits;
  }

  /**
   * Returns a function that ends the payload. A payload of any size passes when nothing else of its tenant is under way.
   *
   * @throws Refusal
   */
  enter(tenant: string, count: number): () => void {
    const { alerts, alertsPerTenant } = this.#limits;
    const own = this.#perTenant.get(tenant) ?? 0;
    const full = this.#alerts + count > alerts || own + count > alertsPerTenant;
    if (full && own > 0) throw overloaded('too many alerts are under way');
    this.#alerts += count;
    this.#perTenant.set(tenant, own + count);
    return () => {
      this.#alerts -= count;
      const rest = (this.#perTenant.get(tenant) ?? 0) - count;
      if (rest > 0) this.#perTenant.set(tenant, rest);
      else this.#perTenant.delete(tenant);
    };
  }

  /** Returns the number of alerts under way. */
  inFlight(): number {
    return this.#alerts;
  }
}
