import type { AegisAlert } from '../../../crds/alert.ts';
import { AegisRemediation } from '../../../crds/remediation.ts';
import { AegisAlertTriggerPreview, TriggerRequest } from '../../../crds/subresources/trigger.ts';
import { subresourceVersion } from '../../../crds/subresources/subject.ts';
import { gateViews } from '../../../remediation/views/gates.ts';
import { noPreview, previewOfPlan } from '../../../remediation/views/preview.ts';
import { subjectOf } from '../../../remediation/views/subject.ts';
import type { Answer, Call, Subresource } from '../../kubeapi/api.ts';
import { conflict } from '../../kubeapi/status.ts';
import { createStarter } from './start-attempt.ts';
import { planTrigger, type TriggerPlan } from './plan-trigger.ts';
import { causesOf, invalidRequest, requestOfQuery, triggerParameters } from './trigger-request.ts';
import type { ReadContext } from './read-context.ts';

/** `aegisalerts/{name}/trigger`: starts a remediation for an alert by hand, or previews it. */
export function alertTrigger(context: ReadContext): Subresource {
  const plan = planTrigger(context);
  const start = createStarter(context);

  async function preview(call: Call): Promise<AegisAlertTriggerPreview> {
    const planned = await plan(requestOfQuery(call.query, call.name), call);
    return {
      apiVersion: subresourceVersion,
      kind: 'AegisAlertTriggerPreview',
      metadata: subjectOf(planned.alert),
      ...previewed(planned, gatesOf(planned)),
    };
  }

  async function trigger(call: Call): Promise<Answer> {
    const request = (call.body ?? {}) as TriggerRequest;
    const known = await start.known(request, call);
    if (known !== undefined) return known;
    const planned = await plan(request, call);
    const { alert } = planned;
    if (planned.outcome === 'Refused') throw refusal(alert, planned.choice);
    if (!planned.result.ok) throw invalidRequest(call.name, causesOf(planned.result.problems, request));
    const { remediation, warnings } = planned.result;
    const blocked = gatesOf(planned).filter(({ passes }) => !passes);
    const waiting = blocked.map(({ gate, message = '' }) => `waiting at gate ${gate}: ${message}`);
    return start.create(
      { alert, remediation, request, warnings: [...planned.warnings, ...warnings, ...waiting] },
      call,
    );
  }

  function gatesOf(planned: TriggerPlan) {
    if (planned.outcome === 'Refused' || !planned.result.ok) return [];
    const { alert, attempts } = planned;
    return gateViews(planned.result.remediation, { alert, attempts, cluster: context.cluster, now: context.now() });
  }

  return {
    name: 'trigger',
    kind: 'AegisAlertTriggerPreview',
    get: {
      summary: 'Previews what a trigger would start, with the result of each gate. Nothing is created.',
      response: AegisAlertTriggerPreview,
      responseKind: 'AegisAlertTriggerPreview',
      parameters: triggerParameters,
      handle: async (call) => ({ code: 200, object: await preview(call) }),
    },
    create: {
      summary: 'Starts a template for the alert: creates an AegisRemediation.',
      request: TriggerRequest,
      requestKind: 'TriggerRequest',
      response: AegisRemediation,
      responseKind: 'AegisRemediation',
      responseGroup: { group: 'aegis.io', version: 'v1alpha1' },
      handle: trigger,
    },
  };
}

function previewed(
  planned: TriggerPlan,
  gates: AegisAlertTriggerPreview['gates'],
): Pick<AegisAlertTriggerPreview, 'preview' | 'gates' | 'warnings'> {
  if (planned.outcome === 'Refused') {
    const { reason, message } = planned.choice;
    return { preview: noPreview(reason, message), gates: [], warnings: [] };
  }
  const { result, warnings } = planned;
  return {
    preview: previewOfPlan(result),
    gates,
    warnings: [...warnings, ...(result.ok ? result.warnings : [])],
  };
}

/** Returns 422 for a problem of the request, 409 for a problem of the rules of the alert. */
function refusal({ metadata: { name } }: AegisAlert, { field, reason, message }: RefusedChoice): Error {
  if (field === undefined) {
    return conflict({ group: 'aegis.io', resource: 'aegisalerts', name }, `${reason}: ${message}`);
  }
  return invalidRequest(name, [{ reason: 'FieldValueInvalid', field, message }]);
}

type RefusedChoice = Extract<TriggerPlan, { outcome: 'Refused' }>['choice'];
