import { type AegisAlert, aegisAlerts } from '../../../crds/alert.ts';
import { aegisRemediations, type AegisRemediation, type Requester } from '../../../crds/remediation.ts';
import { requestedName } from '../../../crds/names.ts';
import type { TriggerRequest } from '../../../crds/subresources/trigger.ts';
import { isAlreadyExists } from '../../../kube/client/api-error.ts';
import { withoutManagedFields } from '../../../kube/cache/informer.ts';
import { resources } from '../../../kube/client/resources.ts';
import { objectLookup } from '../../../kube/object-lookup.ts';
import { isAnswerTo, requesterOf } from '../../../remediation/planning/request.ts';
import type { Answer, Call } from '../../kubeapi/api.ts';
import { requireAccess } from '../authz/authorize.ts';
import { kubeFailure } from '../objects/kube-failure.ts';
import { conflict, type StatusError } from '../../kubeapi/status.ts';
import type { ReadContext } from './read-context.ts';

/** Field manager of attempts that users start. */
const fieldManager = 'aegis-apiserver';

/** An attempt that a user starts. */
interface Start {
  alert: AegisAlert;
  remediation: AegisRemediation;
  request: TriggerRequest;
  warnings: string[];
}

/** Creates attempts, each once: with a request ID the same request always leads to the same attempt. */
export function createStarter({ rest, authorizer, events, caches, alerts }: ReadContext) {
  const client = resources(rest, aegisRemediations);
  const lookUp = objectLookup(rest);

  /** Returns the attempt that this request created before, if it is in the cache. @throws StatusError */
  async function known(request: TriggerRequest, call: Call): Promise<Answer | undefined> {
    const { requestID } = request;
    const alert = alerts.cache.get(call.namespace, call.name);
    if (requestID === undefined || alert === undefined) return undefined;
    const { name, uid = '' } = alert.metadata;
    const made = caches.remediations.get(call.namespace, requestedName({ name, uid }, requestID));
    if (made === undefined) return undefined;
    await requireAccess(authorizer, call, {
      verb: 'get',
      type: aegisAlerts,
      namespace: call.namespace,
      name: call.name,
    });
    return answerExisting(made, request, call);
  }

  /** @throws StatusError */
  async function create({ alert, remediation, request, warnings }: Start, call: Call): Promise<Answer> {
    const { target } = remediation.spec;
    // Copied: the plan is shared with other requests.
    const found = target && { ...target, ...(await lookUp(target)) };
    const wanted = { ...remediation, spec: { ...remediation.spec, ...(found && { target: found }) } };
    try {
      // Without the signal of the caller: an attempt that was created needs its event.
      const created = await client.create(wanted, { dryRun: call.dryRun, fieldManager });
      if (!call.dryRun) events.record(alert, triggerEvent(created, request));
      return { code: 201, object: withoutManagedFields(created), warnings };
    } catch (error) {
      if (!isAlreadyExists(error)) throw kubeFailure(error, { repeatable: request.requestID !== undefined });
    }
    const { name, namespace } = remediation.metadata;
    const made = await client.find({ name, namespace }).catch((error: unknown) => {
      throw kubeFailure(error);
    });
    return answerExisting(made, request, call);
  }

  return { known, create };
}

/** Answers a request for which an attempt of the same name exists. @throws StatusError 409 */
function answerExisting(made: AegisRemediation | undefined, request: TriggerRequest, call: Call): Answer {
  const requester = requesterOf({ ...call.user, userAgent: call.userAgent });
  if (made !== undefined && requester !== undefined && isAnswerTo(made, request, requester)) {
    return { code: 200, object: withoutManagedFields({ ...made, metadata: { ...made.metadata } }) };
  }
  throw nameTaken(made, request, requester, call.name);
}

function nameTaken(
  made: AegisRemediation | undefined,
  { requestID }: TriggerRequest,
  requester: Requester | undefined,
  alert: string,
): StatusError {
  const about = { group: aegisAlerts.group, resource: aegisAlerts.plural, name: alert };
  if (made === undefined) return conflict(about, 'its attempt was deleted concurrently; try again');
  const { metadata, spec } = made;
  if (requestID === undefined) {
    const message = `${spec.requestedBy.username} started attempt ${spec.attempt} concurrently as ${metadata.name}`;
    return conflict(about, `${message}; with a requestID a request can safely be sent again`);
  }
  const other = spec.requestedBy.username === requester?.username ? 'another request' : 'a request of another user';
  return conflict(about, `requestID ${requestID} was used for ${other}, which created ${metadata.name}`);
}

function triggerEvent({ metadata, spec }: AegisRemediation, { reason = '' }: TriggerRequest) {
  const { ruleRef, templateRef, requestedBy, dryRun } = spec;
  const rule = ruleRef === undefined ? '' : ` by rule ${ruleRef.namespace}/${ruleRef.name}`;
  const how = dryRun === true ? ' as a dry run' : '';
  const why = reason === '' ? '' : `: ${reason}`;
  const what = `template ${templateRef.namespace}/${templateRef.name}${rule} as ${metadata.name}${how}`;
  return {
    type: 'Normal',
    reason: 'TriggeredByUser',
    action: 'Trigger',
    note: `${requestedBy.username} started ${what}${why}`,
  } as const;
}
