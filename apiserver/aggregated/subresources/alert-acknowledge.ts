import { AegisAlert, aegisAlerts } from '../../../crds/alert.ts';
import { AcknowledgeRequest } from '../../../crds/subresources/alert.ts';
import type { Subresource } from '../../kubeapi/api.ts';
import { objectChanger } from '../objects/change.ts';
import type { Deps } from './deps.ts';
import { personOf, sentence } from './person.ts';

const { group, version, kind } = aegisAlerts;

/** `aegisalerts/{name}/acknowledge`: the caller takes care of it. Tells people; nothing else follows from it. */
export function alertAcknowledge(deps: Deps): Subresource {
  const change = objectChanger(deps, aegisAlerts);
  return {
    name: 'acknowledge',
    kind,
    kindGroup: { group, version },
    create: {
      summary: 'Say that the caller takes care of an alert; it takes over from whoever said so before.',
      request: AcknowledgeRequest,
      requestKind: 'AcknowledgeRequest',
      response: AegisAlert,
      responseKind: kind,
      responseGroup: { group, version },
      handle: async (call) => {
        const { comment } = call.body as AcknowledgeRequest;
        const person = personOf(call);
        const { object, changed } = await change(call, ({ status }) =>
          status?.acknowledgedBy === person.name
            ? undefined
            : { patch: { status: { acknowledgedBy: person.name } }, subresource: 'status' },
        );
        if (changed && !call.dryRun) {
          const note = sentence(person, 'takes care of it', comment);
          deps.events.record(object, { type: 'Normal', reason: 'Acknowledged', action: 'Acknowledge', note });
        }
        return { code: 200, object };
      },
    },
  };
}
