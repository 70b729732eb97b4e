import { Refusal } from './refusal.ts';

/** How much may be under way at once. */
export interface GuardLimits {
  readonly requests: number;
  /** Bytes of bodies, together. */
  readonly bytes: number;
  readonly alerts: number;
  readonly alertsPerTenant: number;
}

/** Turns away what would make everything slow or exhaust the memory; the sender comes again. */
export interface Guard {
  /** @throws Refusal */
  enterRequest(): Place;
  /**
   * Answers how to leave again. A payload of any size passes when nothing else of its tenant is under way.
   *
   * @throws Refusal
   */
  enterAlerts(tenant: string, count: number): () => void;
  alertsInFlight(): number;
}

/** The place of one request; disposing gives everything back. */
export interface Place extends Disposable {
  /** @throws Refusal when the bodies under way need too much memory */
  takeBytes(count: number): void;
}

export function createGuard(limits: GuardLimits): Guard {
  let requests = 0;
  let bytes = 0;
  let alerts = 0;
  const perTenant = new Map<string, number>();

  return {
    enterRequest: () => {
      if (requests >= limits.requests) throw overloaded(`${limits.requests} requests are under way`);
      requests += 1;
      let taken = 0;
      return {
        takeBytes: (count) => {
          if (bytes + count > limits.bytes) throw overloaded('the bodies under way need too much memory');
          bytes += count;
          taken += count;
        },
        [Symbol.dispose]: () => {
          requests -= 1;
          bytes -= taken;
        },
      };
    },
    enterAlerts: (tenant, count) => {
      const own = perTenant.get(tenant) ?? 0;
      const full = alerts + count > limits.alerts || own + count > limits.alertsPerTenant;
      if (full && own > 0) throw overloaded('too many alerts are under way');
      alerts += count;
      perTenant.set(tenant, own + count);
      return () => {
        alerts -= count;
        const rest = (perTenant.get(tenant) ?? 0) - count;
        if (rest > 0) perTenant.set(tenant, rest);
        else perTenant.delete(tenant);
      };
    },
    alertsInFlight: () => alerts,
  };
}

function overloaded(why: string): Refusal {
  return new Refusal(503, 'Overloaded', `${why}; send this again later`);
}
