import { isResolved, type AegisAlert, type TriggerStatus } from '../../crds/alert.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { isByHand, isUserDryRun, nextAttempt } from '../attempts/history.ts';
import { templateKey, type TemplateKey } from '../../rules/escalation.ts';
import { ruleName, type Matching } from '../../rules/match.ts';
import { attemptsMade, callsForMore, decideNextAttempt, describeWait, exhausted } from './next.ts';
import type { AttemptLimits } from '../policies/attempt-limits.ts';
import type { RulePlanner } from './plan.ts';
import { describeSilence, silenceOf } from '../../alerts/silence.ts';

/** The decision about an alert in its current state. */
export interface Trigger {
  status: TriggerStatus;
  /** Names rules and templates; fits a condition. */
  message: string;
  /** The rule that was found, whether or not it could start something. */
  rule?: AegisAlertOpsRule;
  /** The attempt to create. */
  create?: AegisRemediation;
  /** When to decide again. */
  lookAt?: Date;
  /** Why no further attempt is made although the alert still fires: a user has to look into it. */
  exhausted?: string;
}

/** Everything that the decision needs. */
export interface TriggerFacts {
  alert: AegisAlert;
  /** Finds the rule that acts on the alert. */
  match: (alert: AegisAlert) => Matching;
  template: (key: { namespace: string; name: string }) => AegisOpsTemplate | undefined;
  /** The attempts of this episode, oldest first. */
  remediations: readonly AegisRemediation[];
  plan: RulePlanner;
  /** Returns the limits that policies set for the episode of an attempt. */
  limits: (attempt: AegisRemediation) => AttemptLimits;
  now: Date;
}

/**
 * Decides what an alert starts. An episode gets one attempt for its firing, more where policies allow them, and one for
 * its resolve where a rule asks for it; an attempt that was started once is never started again, also if it was deleted.
 * Attempts of users count like any other, unless they were dry runs.
 */
export function decideTrigger(facts: TriggerFacts): Trigger {
  const { alert, remediations } = facts;
  const started = startedFor(alert, remediations);
  if (started !== undefined) return callsForMore(alert, started) ? goOn(facts, started) : follow(started);
  const trigger = startByRule(facts, facts.match(alert));
  const { create } = trigger;
  if (!isResolved(alert)) return isRemembered(alert) ? remembered(alert) : trigger;
  if (create !== undefined && !isRemembered(alert, create.metadata.name)) return trigger;
  // A resolved alert waits for nothing: the outcome of its firing stays.
  const previous = remediations.findLast((one) => !isUserDryRun(one));
  if (previous !== undefined) return follow(previous);
  return remembered(alert, trigger);
}

/**
 * Returns the attempt for the alert in its current state, after which no rule starts another. `attempts`: oldest first.
 */
export function startedFor(alert: AegisAlert, attempts: readonly AegisRemediation[]): AegisRemediation | undefined {
  const state = isResolved(alert) ? 'Resolved' : 'Firing';
  const ofState = attempts.filter((one) => one.spec.alertStatus === state && !isUserDryRun(one));
  // A superseded attempt is not the one that was started.
  return ofState.findLast(({ status }) => status?.phase !== 'Superseded') ?? ofState.at(-1);
}

/**
 * Returns whether the alert lists an attempt that was deleted: any for one that fires, the one of that name for one
 * that is resolved. A dry run is none of its attempts.
 */
export function isRemembered(alert: AegisAlert, name?: string): boolean {
  const listed = (alert.status?.remediations ?? []).filter(({ phase }) => phase !== 'DryRun');
  return isResolved(alert) ? listed.some((one) => one.name === name) : listed.length > 0;
}

/** Returns the step after an attempt that did not help. */
function goOn(facts: TriggerFacts, last: AegisRemediation): Trigger {
  const { alert, match, remediations: attempts, limits, now } = facts;
  const matching = match(alert);
  const rule = matching.outcome === 'Matched' ? matching.rule : undefined;
  const next = decideNextAttempt({ alert, attempts, last, limits: limits(last), rule, now });
  switch (next.outcome) {
    case 'none':
      return follow(last);
    case 'exhausted':
      return { ...follow(last), exhausted: next.message };
    case 'wait': {
      const shown = follow(last);
      return { ...shown, message: `${shown.message}; ${describeWait(next)}`, lookAt: next.at };
    }
    case 'due': {
      const step = { attempt: nextAttempt(alert, attempts), template: next.template };
      const trigger = startByRule(facts, matching, step);
      return trigger.create === undefined ? trigger : ifAllowed(trigger, facts, last);
    }
  }
}

/** Another template may concern other policies than the one before. */
function ifAllowed(trigger: Trigger, { alert, remediations, limits }: TriggerFacts, last: AegisRemediation): Trigger {
  if (trigger.create === undefined) return trigger;
  const { maxAttempts, verified } = limits(trigger.create);
  const made = attemptsMade(alert, remediations);
  if (verified && made < maxAttempts) return trigger;
  const { templateRef } = trigger.create.spec;
  const why = `no policy allows attempt ${made + 1} with template ${templateRef.namespace}/${templateRef.name}`;
  return { ...follow(last), exhausted: exhausted(last, why).message };
}

function startByRule(
  { alert, template: findTemplate, plan, now }: TriggerFacts,
  matching: Matching,
  step: { attempt: number; template?: TemplateKey | undefined } = { attempt: 1 },
): Trigger {
  if (matching.outcome !== 'Matched') return { status: matching.outcome, message: matching.message };
  const { rule } = matching;
  const key = step.template ?? templateKey(rule);
  if (key === undefined) return { status: 'RuleErrorFound', message: `rule ${ruleName(rule)} names no template`, rule };
  const templateName = `${key.namespace}/${key.name}`;
  const template = findTemplate(key);
  if (template === undefined) {
    const message = `rule ${ruleName(rule)} matches, but its template ${templateName} does not exist`;
    return { status: 'TemplateNotFound', message, rule };
  }
  const planned = plan({ alert, rule, template, attempt: step.attempt });
  if (!planned.ok) {
    const message = `rule ${ruleName(rule)} matches, but template ${templateName} cannot be rendered: ${planned.message}`;
    return { status: 'TemplateInvalid', message, rule };
  }
  // A recovery is not blocked.
  if (!isResolved(alert) && silenceOf(alert, now) !== undefined) {
    const message = `rule ${ruleName(rule)} would start template ${templateName}, but the alert is ${describeSilence(alert)}`;
    return { status: 'Blocked', message, rule };
  }
  return { ...follow(planned.remediation), rule, create: planned.remediation };
}

function follow(remediation: AegisRemediation): Trigger {
  const { metadata, spec, status } = remediation;
  const template = `template ${spec.templateRef.namespace}/${spec.templateRef.name}`;
  const message = `${starterOf(remediation)} started ${template} as ${metadata.name}`;
  const reason = status?.message === undefined ? '' : `: ${status.message}`;
  switch (status?.phase) {
    case 'Blocked':
      return { status: 'Blocked', message: message + reason };
    case 'AwaitingApproval':
      return { status: 'AwaitingApproval', message: message + reason };
    default:
      return { status: 'Triggered', message };
  }
}

function starterOf(remediation: AegisRemediation): string {
  const { ruleRef, requestedBy } = remediation.spec;
  const rule = ruleRef === undefined ? '' : `rule ${ruleRef.namespace}/${ruleRef.name}`;
  if (!isByHand(remediation)) return rule;
  return rule === '' ? requestedBy.username : `${requestedBy.username} by ${rule}`;
}

function remembered(alert: AegisAlert, otherwise?: Trigger): Trigger {
  const status = alert.status?.opsStatus?.triggerStatus;
  if (status === undefined) return otherwise ?? { status: 'Triggered', message: 'started before' };
  const message = alert.status?.conditions?.find(({ type }) => type === 'Triggered')?.message;
  return { status, message: message ?? 'started before' };
}

/** The trigger statuses of an alert that follows its attempt; together with a rule, the attempt is not made yet. */
const following: ReadonlySet<TriggerStatus> = new Set(['Triggered', 'Blocked', 'AwaitingApproval']);

/** Returns whether a trigger status follows an attempt. */
export function isFollowing(status: TriggerStatus): boolean {
  return following.has(status);
}

/** Returns whether a change of a rule or template may start something for this alert. */
export function waitsForRules(alert: AegisAlert): boolean {
  const status = alert.status?.opsStatus?.triggerStatus;
  return !isResolved(alert) && (status === undefined || !isFollowing(status));
}
