import { AegisRemediation, aegisRemediations } from '../../../crds/remediation.ts';
import { CancelRequest } from '../../../crds/subresources/remediation.ts';
import { decideCancellation } from '../../../remediation/approval/cancellation.ts';
import type { Subresource } from '../../kubeapi/api.ts';
import { objectChanger } from '../objects/change.ts';
import type { Deps } from './deps.ts';
import { personOf, sentence } from './person.ts';
import { conflict } from '../../kubeapi/status.ts';
import { regardingAlert } from './regarding-alert.ts';

const { group, version, plural, kind } = aegisRemediations;

/** `aegisremediations/{name}/cancel`: what was not submitted never is, what runs is stopped. */
export function remediationCancel(deps: Deps): Subresource {
  const change = objectChanger(deps, aegisRemediations);
  return {
    name: 'cancel',
    kind,
    kindGroup: { group, version },
    create: {
      summary: 'Call a remediation off: it is not submitted any more, and its Workflow is stopped.',
      request: CancelRequest,
      requestKind: 'CancelRequest',
      response: AegisRemediation,
      responseKind: kind,
      responseGroup: { group, version },
      handle: async (call) => {
        const { comment } = call.body as CancelRequest;
        const person = personOf(call);
        const { object, changed } = await change(call, (remediation) => {
          const decided = decideCancellation(remediation, person, comment, deps.now());
          if (decided.outcome === 'unchanged') return undefined;
          if (decided.outcome === 'refused')
            throw conflict({ group, resource: plural, name: call.name }, decided.message);
          return { patch: { status: { cancellation: decided.cancellation } }, subresource: 'status' };
        });
        if (changed && !call.dryRun) {
          const note = sentence(person, `cancelled ${object.metadata.name}`, comment);
          const event = { type: 'Normal', reason: 'CancellationRequested', action: 'Cancel', note } as const;
          deps.events.record(regardingAlert(deps, object), event);
        }
        return { code: 200, object };
      },
    },
  };
}
