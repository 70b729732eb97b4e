import { conditionTypes, toTime, withCondition } from '../crds/conditions.ts';
import { isResolved, type AlertStatus } from '../crds/alert.ts';
import type { Condition } from '../crds/schema.ts';
import { lifetimeOf, type LifetimeDefaults } from './lifetime.ts';
import { listRemediations, opsStatusOf } from './ops-status.ts';
import { decideTrigger, type Trigger, type TriggerFacts } from './trigger.ts';

/** Everything that is known when an alert is looked at. */
export interface AlertFacts extends TriggerFacts {
  lifetimeDefaults: LifetimeDefaults;
  now: Date;
}

/** What to do about an alert; the reconcile carries it out in this order. */
export interface AlertPlan {
  trigger: Trigger;
  /** The fields of the status that the worker owns. */
  status: Partial<AlertStatus>;
  /** Its time is over: delete it with all that it owns. */
  remove: boolean;
  /** When time alone may change something; milliseconds. */
  requeueAfterMs?: number;
}

/** Decides; pure. */
export function decideAlert(facts: AlertFacts): AlertPlan {
  const trigger = decideTrigger(facts);
  const remediations = trigger.create === undefined ? facts.remediations : [...facts.remediations, trigger.create];
  const status = statusOf(facts, trigger, remediations);
  const lifetime = lifetimeOf(facts.alert, status, { defaults: facts.lifetimeDefaults, now: facts.now });
  if (lifetime.stale) status.conditions = stale(status.conditions ?? [], facts.now);
  return {
    trigger,
    status,
    remove: lifetime.expired && trigger.create === undefined,
    ...(lifetime.next === undefined ? {} : { requeueAfterMs: lifetime.next.getTime() - facts.now.getTime() }),
  };
}

/** The status for an attempt that the API server refused. */
export function refusedStatus(plan: AlertPlan, facts: AlertFacts, reason: string): Partial<AlertStatus> {
  const message = `${plan.trigger.message}, but the API server refused it: ${reason}`;
  return statusOf(facts, { status: 'TriggerFailed', message }, facts.remediations);
}

function statusOf(
  { alert, now }: AlertFacts,
  trigger: Trigger,
  remediations: AlertFacts['remediations'],
): Partial<AlertStatus> {
  const resolved = isResolved(alert);
  const triggered = trigger.status === 'Triggered';
  let conditions = withCondition(
    (alert.status?.conditions ?? []).filter(({ type }) => type !== conditionTypes.stale),
    {
      type: conditionTypes.triggered,
      status: triggered ? 'True' : 'False',
      reason: trigger.status,
      message: trigger.message,
    },
    now,
  );
  if (resolved) {
    const message = 'the sender says that it is over';
    conditions = withCondition(
      conditions,
      { type: conditionTypes.resolved, status: 'True', reason: 'Resolved', message },
      now,
    );
  }
  const listed = listRemediations(remediations, alert.status?.remediations);
  const startTime = alert.status?.startTime ?? alert.spec.startsAt ?? alert.metadata.creationTimestamp ?? toTime(now);
  return {
    status: resolved ? 'Resolved' : 'Firing',
    startTime,
    conditions,
    opsStatus: opsStatusOf(trigger.status, remediations, { before: alert.status?.opsStatus, now }),
    ...(listed.length === 0 ? {} : { remediations: listed }),
  };
}

function stale(conditions: Condition[], now: Date): Condition[] {
  const message = 'nothing was heard of it for longer than its sender repeats alerts; it may be over';
  return withCondition(conditions, { type: conditionTypes.stale, status: 'True', reason: 'NotHeardOf', message }, now);
}
