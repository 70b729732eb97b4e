import type { AegisAlert } from '../../crds/alert.ts';

/** From how many new alerts on a policy wants work held back. */
export interface StormLimit {
  readonly policy: string;
  /** Of the alerts that count; empty = all. */
  readonly namespaces: readonly string[];
  /** One alert more within the window is a storm. */
  readonly alerts: number;
  readonly windowMs: number;
  /** For how long work is held on when the storm is over. */
  readonly cooldownMs: number;
}

/** A storm that holds work back. */
export interface Storm {
  /** Alerts that came in within the window up to now; fewer than the limit in the time of the cool-down. */
  readonly recent: number;
  /** When work goes on, if no more alerts come in than may. */
  readonly until: Date;
}

/**
 * Returns the storm that blocks attempts; from the creation times of the alerts, so that all replicas agree and none
 * forgets it. A storm is over when so many of its alerts have left the window that the rest is no storm.
 */
export function stormOf(alerts: readonly AegisAlert[], limit: StormLimit, now: Date): Storm | undefined {
  const { windowMs, cooldownMs } = limit;
  const times = arrivals(alerts, limit, new Date(now.getTime() - windowMs - cooldownMs));
  let overAt: number | undefined;
  for (const [index, last] of times.entries()) {
    const first = times[index - limit.alerts];
    if (first !== undefined && last - first < windowMs) overAt = first + windowMs;
  }
  if (overAt === undefined || now.getTime() >= overAt + cooldownMs) return undefined;
  const recent = times.filter((time) => time > now.getTime() - windowMs).length;
  return { recent, until: new Date(overAt + cooldownMs) };
}

/** When alerts came in since then; milliseconds since 1970, in their order. The API server's times compare as text. */
function arrivals(alerts: readonly AegisAlert[], { namespaces }: StormLimit, since: Date): number[] {
  const least = since.toISOString().slice(0, 19);
  return alerts
    .filter(({ metadata: { creationTimestamp = '', namespace = '' } }) => {
      return creationTimestamp >= least && (namespaces.length === 0 || namespaces.includes(namespace));
    })
    .map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''))
    .sort((a, b) => a - b);
}
