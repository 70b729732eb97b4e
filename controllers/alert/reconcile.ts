import type { AegisAlert } from '../../crds/alert.ts';
import { conditionTypes, findCondition } from '../../crds/conditions.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { isFollowing } from '../../remediation/planning/trigger.ts';
import { byAge } from '../../remediation/attempts/history.ts';
import { decideAlert, refusedStatus, type AlertFacts, type AlertPlan } from './decide.ts';
import type { LifetimeDefaults } from '../../alerts/lifetime.ts';
import type { AlertPorts } from './ports.ts';

/**
 * How soon an attempt that the API server refused is tried again; milliseconds, growing with the alert's age. Soon at
 * first, because a starting API server has not loaded RBAC and rejects all requests; later a user has to fix the cause.
 */
const refusedRetry = { least: 5_000, most: 5 * 60_000 };

/**
 * Brings one alert forward: finds its rule, creates its attempt, writes its status, and deletes it once it has expired.
 *
 * @returns when to reconcile it again without an event
 */
export async function reconcileAlert(
  ports: AlertPorts,
  lifetimeDefaults: LifetimeDefaults,
  key: { namespace: string; name: string },
): Promise<{ requeueAfterMs?: number }> {
  const alert = ports.alerts.get(key.namespace, key.name);
  if (alert === undefined || alert.metadata.deletionTimestamp !== undefined) return {};
  const facts = gather(ports, lifetimeDefaults, alert);
  const decided = decideAlert(facts);
  if (decided.remove) {
    await ports.deleteAlert(alert);
    return {};
  }
  const { create: attempt } = decided.trigger;
  const refusal = attempt === undefined ? undefined : await create(ports, facts, decided, attempt);
  // The first status of the attempt brings this alert back, and then everything is written at once: until the Workflow is
  // submitted nothing is more urgent than that.
  if (attempt !== undefined && refusal === undefined) return {};
  const plan = refusal === undefined ? decided : refused(decided, facts, refusal);
  audit(ports, alert, plan);
  await ports.writeStatus(alert, plan.status);
  recordTrigger(ports, alert, plan);
  return plan.requeueAfterMs === undefined ? {} : { requeueAfterMs: plan.requeueAfterMs };
}

function gather(ports: AlertPorts, lifetimeDefaults: LifetimeDefaults, alert: AegisAlert): AlertFacts {
  return {
    alert,
    match: (subject) => ports.match(subject),
    template: ({ namespace, name }) => ports.templates.get(namespace, name),
    remediations: [...ports.remediationsOf(alert.metadata.uid ?? '')].sort(byAge),
    plan: ports.plan,
    limits: (attempt) => ports.attemptLimits(attempt, alert),
    lifetimeDefaults,
    now: ports.now(),
  };
}

/** @returns why the API server rejects the attempt; undefined when it exists */
async function create(
  ports: AlertPorts,
  facts: AlertFacts,
  plan: AlertPlan,
  remediation: AegisRemediation,
): Promise<string | undefined> {
  const { target } = remediation.spec;
  if (target !== undefined) Object.assign(target, await ports.lookUp(target));
  const result = await ports.createRemediation(remediation);
  if ('refused' in result) return result.refused;
  const { rule } = plan.trigger;
  if (result.created && rule !== undefined) {
    ports.ruleUsage.matched(rule, facts.now);
    ports.ruleUsage.triggered(rule);
  }
  return undefined;
}

/** Writes to the audit record that nothing is attempted; an attempt has a record of its own. */
function audit(ports: AlertPorts, alert: AegisAlert, { trigger }: AlertPlan): void {
  const { status, message, rule, exhausted } = trigger;
  const isSkipped = !isFollowing(status) || rule !== undefined;
  if (isSkipped && isNews(alert, status)) ports.auditSkipped?.({ alert, rule, reason: status, message });
  if (exhausted !== undefined && !isKnownExhausted(alert)) {
    ports.auditSkipped?.({ alert, reason: 'AttemptsExhausted', message: exhausted });
  }
}

/** Records the metrics and the events of a trigger status that was just written. */
function recordTrigger(ports: AlertPorts, alert: AegisAlert, { trigger }: AlertPlan): void {
  if (trigger.exhausted !== undefined && !isKnownExhausted(alert)) {
    ports.events.record(alert, { type: 'Warning', reason: 'AttemptsExhausted', note: trigger.exhausted });
  }
  if (!isNews(alert, trigger.status)) return;
  ports.observeTrigger(trigger.status);
  // The attempt has events of its own; another one for each alert would only cost a write.
  if (trigger.status === 'Triggered') return;
  if (trigger.rule !== undefined) ports.ruleUsage.matched(trigger.rule, ports.now());
  ports.events.record(alert, { type: 'Warning', reason: trigger.status, note: trigger.message });
}

function isKnownExhausted({ status }: AegisAlert): boolean {
  return findCondition(status?.conditions, conditionTypes.attemptsExhausted) !== undefined;
}

function isNews(alert: AegisAlert, triggerStatus: string): boolean {
  return alert.status?.opsStatus?.triggerStatus !== triggerStatus;
}

function refused(plan: AlertPlan, facts: AlertFacts, message: string): AlertPlan {
  const trigger = { status: 'TriggerFailed' as const, message };
  const created = Date.parse(facts.alert.metadata.creationTimestamp ?? facts.now.toISOString());
  const age = facts.now.getTime() - created;
  const requeueAfterMs = Math.min(Math.max(age, refusedRetry.least), refusedRetry.most);
  return { ...plan, trigger, status: refusedStatus(plan, facts, message), requeueAfterMs };
}
