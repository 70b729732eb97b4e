import { conditionTypes, findCondition, toTime, withCondition } from '../../crds/conditions.ts';
import { isResolved, type AegisAlert, type AlertStatus } from '../../crds/alert.ts';
import type { Condition } from '../../crds/schema.ts';
import { lifetimeOf, type LifetimeDefaults } from '../../alerts/lifetime.ts';
import { listRemediations, opsStatusOf } from '../../remediation/attempts/ops-status.ts';
import { silenceOf } from '../../alerts/silence.ts';
import { decideTrigger, type Trigger, type TriggerFacts } from '../../remediation/planning/trigger.ts';

/** Everything that is known when an alert is decided. */
export interface AlertFacts extends TriggerFacts {
  lifetimeDefaults: LifetimeDefaults;
}

/** What to do about an alert; the reconcile carries it out in this order. */
export interface AlertPlan {
  trigger: Trigger;
  /** The fields of the status that the worker owns. */
  status: Partial<AlertStatus>;
  /** It has expired: delete it with all that it owns. */
  remove: boolean;
  /** When to decide again without an event; milliseconds. */
  requeueAfterMs?: number;
}

/** Returns what to do about an alert; pure. */
export function decideAlert(facts: AlertFacts): AlertPlan {
  const trigger = decideTrigger(facts);
  const remediations = trigger.create === undefined ? facts.remediations : [...facts.remediations, trigger.create];
  const status = statusOf(facts, trigger, remediations);
  const lifetime = lifetimeOf(facts.alert, status, { defaults: facts.lifetimeDefaults, now: facts.now });
  const next = earliest(lifetime.next, silenceOf(facts.alert, facts.now), trigger.lookAt);
  if (lifetime.stale) status.conditions = stale(facts, status.conditions ?? []);
  return {
    trigger,
    status,
    remove: lifetime.expired && trigger.create === undefined,
    ...(next === undefined ? {} : { requeueAfterMs: next.getTime() - facts.now.getTime() }),
  };
}

function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  return times.filter((time) => time !== undefined).sort((a, b) => a.getTime() - b.getTime())[0];
}

/** The status for an attempt that the API server refused. */
export function refusedStatus(plan: AlertPlan, facts: AlertFacts, reason: string): Partial<AlertStatus> {
  const message = `${plan.trigger.message}, but the API server rejected it: ${reason}`;
  return statusOf(facts, { status: 'TriggerFailed', message }, facts.remediations);
}

function statusOf(
  { alert, now }: AlertFacts,
  trigger: Trigger,
  remediations: AlertFacts['remediations'],
): Partial<AlertStatus> {
  const listed = listRemediations(remediations, alert.status?.remediations);
  return {
    status: isResolved(alert) ? 'Resolved' : 'Firing',
    startTime: startOf(alert, now),
    conditions: conditionsOf(alert, trigger, now),
    opsStatus: opsStatusOf(trigger.status, remediations, { before: alert.status?.opsStatus, now }),
    ...(listed.length === 0 ? {} : { remediations: listed }),
  };
}

function startOf({ metadata, spec, status }: AegisAlert, now: Date): string {
  return status?.startTime ?? spec.startsAt ?? metadata.creationTimestamp ?? toTime(now);
}

/** A stale alert may have received an update since: `stale` puts the condition back where it still holds. */
function conditionsOf(alert: AegisAlert, trigger: Trigger, now: Date): Condition[] {
  const { status: reason, message } = trigger;
  const before = exhaustion(alert, trigger, now).filter(({ type }) => type !== conditionTypes.stale);
  const status = reason === 'Triggered' ? 'True' : 'False';
  const conditions = withCondition(before, { type: conditionTypes.triggered, status, reason, message }, now);
  if (!isResolved(alert)) return conditions;
  const over = { type: conditionTypes.resolved, status: 'True', reason: 'Resolved' } as const;
  return withCondition(conditions, { ...over, message: 'the sender reported that the alert is resolved' }, now);
}

/** The earlier conditions, with one that calls a user for as long as no further attempt is made. */
function exhaustion({ status }: AegisAlert, { exhausted: message }: Trigger, now: Date): readonly Condition[] {
  const before = status?.conditions ?? [];
  const type = conditionTypes.attemptsExhausted;
  if (message === undefined) return before.filter((condition) => condition.type !== type);
  return withCondition(before, { type, status: 'True', reason: 'AttemptsExhausted', message }, now);
}

function stale({ alert, now }: AlertFacts, conditions: readonly Condition[]): Condition[] {
  const before = findCondition(alert.status?.conditions, conditionTypes.stale);
  const message = 'no update received within staleAfter; the alert may have ended';
  return withCondition(
    before === undefined ? conditions : [...conditions, before],
    { type: conditionTypes.stale, status: 'True', reason: 'NotHeardOf', message },
    now,
  );
}
