import { resolveByHand } from '../../../alerts/resolve-by-hand.ts';
import { AegisAlert, aegisAlerts } from '../../../crds/alert.ts';
import { ResolveRequest } from '../../../crds/subresources/alert.ts';
import type { Subresource } from '../../kubeapi/api.ts';
import { objectChanger } from '../objects/change.ts';
import type { Deps } from './deps.ts';
import { personOf, sentence } from './person.ts';

const { group, version, kind } = aegisAlerts;

/** `aegisalerts/{name}/resolve`: the episode is over, as if its sender had said so. */
export function alertResolve(deps: Deps): Subresource {
  const change = objectChanger(deps, aegisAlerts);
  return {
    name: 'resolve',
    kind,
    kindGroup: { group, version },
    create: {
      summary: 'End an alert as its sender would: what was not submitted for it is cancelled.',
      request: ResolveRequest,
      requestKind: 'ResolveRequest',
      response: AegisAlert,
      responseKind: kind,
      responseGroup: { group, version },
      handle: async (call) => {
        const { comment } = call.body as ResolveRequest;
        const person = personOf(call);
        const { object, changed } = await change(call, (alert) => {
          const end = resolveByHand(alert, deps.now());
          return end && { patch: { metadata: { annotations: end.annotations }, spec: end.spec } };
        });
        if (changed && !call.dryRun) {
          const note = sentence(person, 'resolved it', comment);
          deps.events.record(object, { type: 'Normal', reason: 'ResolvedByUser', action: 'Resolve', note });
        }
        return { code: 200, object };
      },
    },
  };
}
