import type { AegisAlert } from '../crds/alert.ts';
import { conditionTypes, findCondition } from '../crds/conditions.ts';
import { resolvedAtMs } from './episode.ts';
import { timeMs } from '../lib/time.ts';

/** Returns when Aegis received the resolve of an alert; `now` when that is unknown. */
export function resolveLearnedAt(alert: AegisAlert, now: Date): Date {
  const condition = findCondition(alert.status?.conditions, conditionTypes.resolved);
  return new Date(resolvedAtMs(alert) ?? timeMs(condition?.lastTransitionTime) ?? now.getTime());
}

/** Returns when an alert was resolved: according to the sender or when that arrived, whichever is earlier. */
export function resolvedAt(alert: AegisAlert, now: Date): Date {
  const said = timeMs(alert.spec.endsAt) ?? Infinity;
  return new Date(Math.min(said, resolveLearnedAt(alert, now).getTime()));
}
