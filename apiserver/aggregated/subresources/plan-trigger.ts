import { nextAttempt } from '../../../remediation/attempts/history.ts';
import { ruleName } from '../../../rules/match.ts';
import { aegisAlerts, isResolved, type AegisAlert } from '../../../crds/alert.ts';
import { aegisOpsTemplates } from '../../../crds/ops-template.ts';
import type { AegisRemediation } from '../../../crds/remediation.ts';
import type { TriggerRequest } from '../../../crds/subresources/trigger.ts';
import type { PlanResult } from '../../../remediation/planning/plan.ts';
import { chooseTemplate, type Choice } from '../../../remediation/planning/choose-template.ts';
import { identityOf, requesterOf } from '../../../remediation/planning/request.ts';
import type { Call } from '../../kubeapi/api.ts';
import { requireAccess } from '../authz/authorize.ts';
import { findObject, lookUp } from '../objects/find.ts';
import { badRequest, conflict } from '../../kubeapi/status.ts';
import type { ReadContext } from './read-context.ts';

/** The plan of a trigger by hand. */
export type TriggerPlan = { alert: AegisAlert; attempts: readonly AegisRemediation[] } & (
  | { outcome: 'Refused'; choice: Extract<Choice, { ok: false }> }
  | { outcome: 'Planned'; result: PlanResult; warnings: string[] }
);

/** Maximum attempt number of a remediation. */
const maxAttempts = 1_000;

/**
 * Plans a trigger by hand. Only reads; reviews the rights of the user to get the alert and use the template before it
 * reveals anything about either.
 */
export function planTrigger({ authorizer, alerts, templates, planner, rulesFor, attemptsOf }: ReadContext) {
  /** @throws StatusError */
  return async function plan(request: TriggerRequest, call: Call): Promise<TriggerPlan> {
    await requireAccess(authorizer, call, {
      verb: 'get',
      type: aegisAlerts,
      namespace: call.namespace,
      name: call.name,
    });
    const { object: alert } = await findObject(alerts, call, call.signal);
    if (alert.metadata.deletionTimestamp !== undefined) throw conflict(about(alert), 'it is being deleted');
    const requestedBy = requesterOf({ ...call.user, userAgent: call.userAgent });
    if (requestedBy === undefined) throw badRequest('the user name must not be longer than 256 characters');
    const attempts = attemptsOf(alert.metadata.uid ?? '');
    const choice = chooseTemplate(request, alert, rulesFor(alert));
    if (!choice.ok) return { alert, attempts, outcome: 'Refused', choice };
    await requireAccess(authorizer, call, { verb: 'use', type: aegisOpsTemplates, ...choice.template });
    const found = await lookUp(templates, choice.template, call.signal);
    if (found === undefined) return { alert, attempts, outcome: 'Refused', choice: missing(choice, request) };
    const attempt = nextAttempt(alert, attempts);
    if (attempt > maxAttempts) throw conflict(about(alert), `it has had ${maxAttempts} attempts`);
    const { parameters, dryRun } = request;
    const result = planner({
      ...identityOf(request, alert, requestedBy),
      ...{ alert, rule: choice.rule, template: found.object, attempt, requestedBy, parameters, dryRun },
    });
    const resolved = isResolved(alert) ? ['the alert is resolved already'] : [];
    return { alert, attempts, outcome: 'Planned', result, warnings: [...choice.warnings, ...resolved] };
  };
}

function about({ metadata: { name } }: AegisAlert) {
  return { group: aegisAlerts.group, resource: aegisAlerts.plural, name };
}

function missing(
  { rule, template }: Extract<Choice, { ok: true }>,
  request: TriggerRequest,
): Extract<Choice, { ok: false }> {
  const name = `${template.namespace}/${template.name}`;
  const reason = 'TemplateNotFound';
  if (request.template !== undefined) {
    return { ok: false, field: 'template', reason, message: `there is no template ${name}` };
  }
  const by = rule === undefined ? '' : `rule ${ruleName(rule)} starts `;
  return { ok: false, reason, message: `${by}template ${name}, which does not exist` };
}
