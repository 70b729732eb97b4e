import { isByHand, nextAttempt } from '../attempts/history.ts';
import { ruleName, type JudgedRule, type Matching } from '../../rules/match.ts';
import { describeWait } from '../planning/next.ts';
import { silenceOf } from '../../alerts/silence.ts';
import { isRemembered, startedFor } from '../planning/trigger.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import { conditionTypes, findCondition } from '../../crds/conditions.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { isTerminal, type AegisRemediation, type Requester } from '../../crds/remediation.ts';
import type { AegisAlertInspection } from '../../crds/subresources/alert-inspection.ts';
import type { Freshness, PreviewView } from '../../crds/subresources/attempt-view.ts';
import { subresourceVersion } from '../../crds/subresources/subject.ts';
import type { Planner, PlanResult } from '../planning/plan.ts';
import { attemptView } from './attempt-view.ts';
import { gateViews, type GateViewFacts } from './gates.ts';
import { nextOf, templateOfNext, whyNotAllowed } from './next.ts';
import type { OutlinedWorkflow } from './outline-text.ts';
import { present } from './present.ts';
import { noPreview, previewOf, previewOfPlan } from './preview.ts';
import { ruleViews, type RuleViewFacts } from './rules.ts';
import { originOf, subjectOf } from './subject.ts';
import { timelineOf } from './timeline.ts';

/** The number of attempts that are shown, the newest. */
const maxAttempts = 32;

/** The facts about an alert. */
export interface AlertInspectionFacts extends GateViewFacts {
  judged: readonly JudgedRule[];
  matching: Matching;
  template: RuleViewFacts['template'];
  withheldTemplate: RuleViewFacts['withheldTemplate'];
  planner: Planner;
  workflowOf: (remediation: AegisRemediation) => OutlinedWorkflow | undefined;
  /** The caller, as the requester of a trigger now. */
  requester: Requester;
  /** Why the caller may not see the Workflow in the preview; undefined = the caller may. */
  withheld: string | undefined;
  freshness: Freshness;
}

/** Returns why an alert did or did not lead to an action; pure. `attempts` are given oldest first. */
export function inspectAlert(facts: AlertInspectionFacts): AegisAlertInspection {
  const { alert, attempts, judged, matching, template, withheldTemplate, workflowOf, freshness } = facts;
  const plan = plannerFor(facts);
  const { rules, leftOut } = ruleViews(judged, matching, { template, withheldTemplate, plan });
  const { remediation, preview } = openOrNext(facts, plan);
  const shown = attempts.slice(-maxAttempts).map((one) => ({ remediation: one, workflow: workflowOf(one) }));
  return {
    apiVersion: subresourceVersion,
    kind: 'AegisAlertInspection',
    metadata: subjectOf(alert),
    alert: alertView(alert),
    trigger: triggerView(alert),
    ...silenceView(facts),
    ...(alert.status?.acknowledgedBy && { acknowledgedBy: alert.status.acknowledgedBy }),
    matching: matchingView(matching),
    rules,
    rulesLeftOut: leftOut,
    preview,
    gates: remediation === undefined ? [] : gateViews(remediation, facts),
    remediations: shown.map((one) => attemptView(one.remediation, one.workflow, facts)),
    remediationsLeftOut: attempts.length - shown.length,
    timeline: timelineOf(alert, shown),
    freshness,
  };
}

/** Returns the newest attempt that may still act. */
export function openAttempt(attempts: readonly AegisRemediation[]): AegisRemediation | undefined {
  return attempts.findLast(({ status }) => !isTerminal(status?.phase));
}

/** Plans for the rules that match. The chosen rule is planned twice: a planner that memoizes renders it once. */
function plannerFor({ alert, attempts, planner, requester }: AlertInspectionFacts): RuleViewFacts['plan'] {
  const isStarted = startedFor(alert, attempts) !== undefined;
  return (rule, template) => {
    const first = isStarted ? undefined : planner({ alert, rule, template, attempt: 1 });
    const isOver = first?.ok === true && isRemembered(alert, first.remediation.metadata.name);
    if (first !== undefined && !isOver) return first;
    return planner({ alert, rule, template, attempt: nextAttempt(alert, attempts), requestedBy: requester });
  };
}

function openOrNext(
  facts: AlertInspectionFacts,
  plan: RuleViewFacts['plan'],
): { remediation?: AegisRemediation; preview: PreviewView } {
  const { attempts, matching, template: find, withheld } = facts;
  const open = openAttempt(attempts);
  if (open !== undefined) return { remediation: open, preview: previewOf(open, { exists: true, withheld }) };
  if (matching.outcome !== 'Matched') return { preview: noPreview(matching.outcome, matching.message) };
  const { rule } = matching;
  const key = templateOfNext(facts);
  const template = key && find(key);
  if (key === undefined || template === undefined) {
    const message = `rule ${ruleName(rule)} matches, but its template ${key?.namespace}/${key?.name} does not exist`;
    return { preview: noPreview('TemplateNotFound', message) };
  }
  const { planned, message } = nextPlan(facts, plan, { rule, template });
  if (!planned.ok) return { preview: previewOfPlan(planned, { withheld }) };
  const said = message === undefined ? {} : { message };
  return {
    remediation: planned.remediation,
    preview: previewOf(planned.remediation, { exists: false, withheld, ...said }),
  };
}

/** Returns the next automatic attempt, else the one of a manual trigger; with its time, or why none is automatic. */
function nextPlan(
  facts: AlertInspectionFacts,
  plan: RuleViewFacts['plan'],
  { rule, template }: { rule: AegisAlertOpsRule; template: AegisOpsTemplate },
): { planned: PlanResult; message?: string } {
  const { alert, attempts, planner } = facts;
  const next = nextOf(facts);
  if (next.outcome === 'wait' || next.outcome === 'due') {
    const planned = planner({ alert, rule, template, attempt: nextAttempt(alert, attempts) });
    if (!planned.ok) return { planned };
    return { planned, message: whyNotAllowed(planned.remediation, facts) ?? describeWait(next) };
  }
  const planned = plan(rule, template);
  if (!planned.ok || !isByHand(planned.remediation)) return { planned };
  const why = next.outcome === 'exhausted' ? next.message : 'nothing more is started automatically';
  return { planned, message: `${why}; a user who triggers the alert makes this attempt` };
}

function alertView({ metadata, spec, status }: AegisAlert): AegisAlertInspection['alert'] {
  const { type, severity, source, fingerprint, involvedObject } = spec;
  const startTime = status?.startTime ?? spec.startsAt ?? metadata.creationTimestamp;
  return {
    type,
    status: spec.status,
    count: status?.count ?? 1,
    ...present({ severity, source, fingerprint, involvedObject, startTime, lastSeenTime: status?.lastSeenTime }),
  };
}

function triggerView({ status }: AegisAlert): AegisAlertInspection['trigger'] {
  const { triggerStatus, alertOpsStatus } = status?.opsStatus ?? {};
  const condition = findCondition(status?.conditions, conditionTypes.triggered);
  return {
    ...(triggerStatus && { status: triggerStatus }),
    ...(condition && { message: condition.message, since: condition.lastTransitionTime }),
    ...(alertOpsStatus && { opsStatus: alertOpsStatus }),
  };
}

function silenceView({ alert, now }: AlertInspectionFacts): Pick<AegisAlertInspection, 'silenced'> {
  const until = alert.status?.silencedUntil;
  return until === undefined ? {} : { silenced: { until, active: silenceOf(alert, now) !== undefined } };
}

function matchingView(matching: Matching): AegisAlertInspection['matching'] {
  const { outcome, message } = matching;
  return { outcome, message, ...(matching.outcome === 'Matched' && { rule: originOf(matching.rule) }) };
}
