import type { AegisAlert } from '../crds/alert.ts';
import { conditionTypes, findCondition } from '../crds/conditions.ts';
import { resolvedAtMs } from './episode.ts';
import { timeMs } from '../lib/time.ts';

/** When Aegis learned that a resolved alert is over; `now` where nothing says when. */
export function resolveLearnedAt(alert: AegisAlert, now: Date): Date {
  const condition = findCondition(alert.status?.conditions, conditionTypes.resolved);
  return new Date(resolvedAtMs(alert) ?? timeMs(condition?.lastTransitionTime) ?? now.getTime());
}

/** When a resolved alert was over: by the word of the sender or when that arrived, whichever is earlier. */
export function resolvedAt(alert: AegisAlert, now: Date): Date {
  const said = timeMs(alert.spec.endsAt) ?? Infinity;
  return new Date(Math.min(said, resolveLearnedAt(alert, now).getTime()));
}
