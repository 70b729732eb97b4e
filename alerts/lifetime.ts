import { conditionTypes, findCondition } from '../crds/conditions.ts';
import { isResolved, type AegisAlert, type AlertStatus } from '../crds/alert.ts';

/** How long an episode whose alert says nothing about it is kept; milliseconds. */
export interface LifetimeDefaults {
  afterSuccess: number;
  afterFailure: number;
  afterNoOps: number;
  /**
   * A firing alert without an update for so long counts as ended: more than two repeat intervals of the sender,
   * because until then it may just not have been repeated.
   */
  staleAfter: number;
}

/** The changes of an episode by the passing of time alone. */
export interface Lifetime {
  /** The sender stopped sending without a resolve. */
  stale: boolean;
  expired: boolean;
  /** When to decide again; absent when only an event can change anything. */
  next?: Date;
}

/**
 * Whether an episode may be deleted. Never while it goes on: the sender repeats a firing alert, and with its episode gone
 * the repetition would be a new one and be remediated again. So the time to live starts when the episode has ended
 * (resolved or stale) and its last attempt is done, whichever is later.
 *
 * @param status the status as it is about to be written
 */
export function lifetimeOf(
  alert: AegisAlert,
  status: Partial<AlertStatus>,
  { defaults, now }: { defaults: LifetimeDefaults; now: Date },
): Lifetime {
  const staleAt = isResolved(alert) ? undefined : lastSeenMs(alert, now) + defaults.staleAfter;
  if (staleAt !== undefined && now.getTime() < staleAt)
    return { stale: false, expired: false, next: new Date(staleAt) };
  const stale = staleAt !== undefined;
  if ((status.opsStatus?.active ?? 0) > 0) return { stale, expired: false };
  const endedAt = staleAt ?? resolvedAt(status, now);
  const doneAt = Math.max(endedAt, timeOf(status.opsStatus?.completionTime, 0));
  const expiresAt = doneAt + timeToLive(alert, status, defaults);
  if (now.getTime() >= expiresAt) return { stale, expired: true };
  return { stale, expired: false, next: new Date(expiresAt) };
}

function timeToLive(alert: AegisAlert, status: Partial<AlertStatus>, defaults: LifetimeDefaults): number {
  const own = alert.spec.ttlStrategy ?? {};
  const seconds = (specific: number | undefined, otherwise: number): number => {
    const chosen = specific ?? own.secondsAfterCompletion;
    return chosen === undefined ? otherwise : chosen * 1000;
  };
  switch (status.opsStatus?.alertOpsStatus) {
    case 'Succeeded':
      return seconds(own.secondsAfterSuccess, defaults.afterSuccess);
    case 'Failed':
      return seconds(own.secondsAfterFailure, defaults.afterFailure);
    case 'Pending':
    case 'Running':
    case undefined:
      return seconds(own.secondsAfterNoOps, defaults.afterNoOps);
  }
}

/** Returns when an alert was last received, in milliseconds; `now` when that is unknown. */
export function lastSeenMs(alert: AegisAlert, now: Date): number {
  return timeOf(alert.status?.lastSeenTime, timeOf(alert.metadata.creationTimestamp, now.getTime()));
}

/** When Aegis learned of the resolve; the sender's own `endsAt` may lie in the future or far in the past. */
function resolvedAt(status: Partial<AlertStatus>, now: Date): number {
  return timeOf(findCondition(status.conditions, conditionTypes.resolved)?.lastTransitionTime, now.getTime());
}

function timeOf(text: string | undefined, otherwise: number): number {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? otherwise : time;
}
