/**
 * Why a key is enqueued: a metric label, and how long it may wait when there is more to do than can be done at once.
 *
 * - `change`: an object changed in a way that may call for an action
 * - `record`: the result of an action has to be recorded
 * - `unmatched`: an object changed that calls for no action, only for a status
 * - `stale`: this process may have decided on an old cache
 * - `timer`, `retry`: a timer fired; a user asked for a retry
 * - `resync`: no change is known
 */
export type EnqueueReason = 'change' | 'record' | 'unmatched' | 'stale' | 'timer' | 'retry' | 'resync';

/** Seconds by which urgent keys that are enqueued later still overtake such a key. */
const slackSeconds: Readonly<Record<EnqueueReason, number>> = {
  change: 0,
  stale: 0,
  timer: 0,
  retry: 0,
  record: 10,
  // A burst of alerts that need no action lasts minutes; meanwhile, alerts that need one go first.
  unmatched: 900,
  resync: 30,
};

/** BullMQ takes priorities up to 2^21; these begin anew every twelve days, when the order is wrong for a moment. */
const period = 2 ** 20;

/**
 * The priority of a job, by the time at which it is due: the lowest number is next. In a storm what has to be acted upon
 * goes before what has been done already, and nothing waits for ever behind it.
 *
 * @param nowMs milliseconds since 1970
 */
export function priorityOf(reason: EnqueueReason, nowMs: number): number {
  return 1 + (Math.floor(nowMs / 1_000) % period) + slackSeconds[reason];
}

/** The reason that may wait less. */
export function moreUrgent(one: EnqueueReason, other: EnqueueReason): EnqueueReason {
  return slackSeconds[other] < slackSeconds[one] ? other : one;
}
