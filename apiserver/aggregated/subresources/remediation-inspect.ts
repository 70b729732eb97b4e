import { aegisRemediations } from '../../../crds/remediation.ts';
import { AegisRemediationInspection } from '../../../crds/subresources/remediation-inspection.ts';
import { inspectRemediation } from '../../../remediation/views/remediation.ts';
import type { Call, Subresource, Table } from '../../kubeapi/api.ts';
import { requireAccess } from '../authz/authorize.ts';
import { findObject } from '../objects/find.ts';
import type { ReadContext } from './read-context.ts';

/** `aegisremediations/{name}/inspect`: the state of an attempt, the gate that blocks it, and its history. */
export function remediationInspect(context: ReadContext): Subresource {
  const { authorizer, caches, now, remediations, attemptsOf, workflowOf, freshness, cluster } = context;

  async function inspect(call: Call): Promise<AegisRemediationInspection> {
    await requireAccess(authorizer, call, {
      verb: 'get',
      type: aegisRemediations,
      namespace: call.namespace,
      name: call.name,
    });
    const { object: remediation, source } = await findObject(remediations, call, call.signal);
    const { alertRef } = remediation.spec;
    return inspectRemediation({
      remediation,
      alert: caches.alerts.get(call.namespace, alertRef.name),
      attempts: attemptsOf(alertRef.uid),
      workflow: workflowOf(remediation),
      cluster,
      freshness: freshness(source),
      now: now(),
    });
  }

  return {
    name: 'inspect',
    kind: 'AegisRemediationInspection',
    get: {
      summary: 'The state of the remediation, the gate that blocks it, and its history.',
      response: AegisRemediationInspection,
      responseKind: 'AegisRemediationInspection',
      table,
      handle: async (call) => ({ code: 200, object: await inspect(call) }),
    },
  };
}

function table(object: object): Table {
  const { timeline } = object as AegisRemediationInspection;
  return {
    columns: [
      { name: 'Time', type: 'date' },
      { name: 'Kind', type: 'string' },
      { name: 'Event', type: 'string' },
      { name: 'Reason', type: 'string' },
      { name: 'Message', type: 'string' },
    ],
    rows: timeline.map(({ time, kind, event, reason = '', message = '' }) => [time, kind, event, reason, message]),
  };
}
