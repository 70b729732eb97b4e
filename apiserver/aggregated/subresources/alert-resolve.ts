import { resolveByHand } from '../../../alerts/resolve-by-hand.ts';
import { AegisAlert, aegisAlerts } from '../../../crds/alert.ts';
import { ResolveRequest } from '../../../crds/subresources/alert.ts';
import type { Subresource } from '../api.ts';
import { changeObject } from '../change-object.ts';
import type { Deps } from '../deps.ts';
import { personOf, sentence } from '../person.ts';

const { group, version, kind } = aegisAlerts;

/** `aegisalerts/{name}/resolve`: the episode is over, as if its sender had said so. */
export function alertResolve(deps: Deps): Subresource {
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
        const { object, changed } = await changeObject(deps, aegisAlerts, call, (alert) => {
          const change = resolveByHand(alert, deps.now());
          if (change === undefined) return undefined;
          return { patch: { metadata: { annotations: change.annotations }, spec: change.spec } };
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
