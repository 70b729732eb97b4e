import { randomBytes } from 'node:crypto';
import { toTime } from '../../../crds/conditions.ts';
import { AegisRemediationPolicy, aegisRemediationPolicies } from '../../../crds/remediation-policy.ts';
import { PauseRequest } from '../../../crds/subresources/policy.ts';
import { withPause, type UserPause } from '../../../remediation/policies/pauses.ts';
import { group as ownGroup, type Call, type Subresource } from '../../kubeapi/api.ts';
import { objectChanger } from '../objects/change.ts';
import type { Deps } from './deps.ts';
import { personOf, sentence } from './person.ts';
import { conflict, invalid, type StatusCause } from '../../kubeapi/status.ts';
import { limitOf } from './time-limit.ts';

const { group, version, plural, kind } = aegisRemediationPolicies;

/** The API server bounds the list. */
const maxPauses = 64;

/** `aegisremediationpolicies/{name}/pause`: nothing that the policy is about starts until everybody has resumed. */
export function policyPause(deps: Deps): Subresource {
  const change = objectChanger(deps, aegisRemediationPolicies);
  return {
    name: 'pause',
    kind,
    kindGroup: { group, version },
    create: {
      summary: 'Let nothing start that a policy is about; what runs is left to finish.',
      request: PauseRequest,
      requestKind: 'PauseRequest',
      response: AegisRemediationPolicy,
      responseKind: kind,
      responseGroup: { group, version },
      handle: async (call) => {
        const person = personOf(call);
        const now = deps.now();
        const asked: UserPause = {
          id: randomBytes(8).toString('hex'),
          by: person.name,
          since: toTime(now),
          ...pauseAsked(call, now),
        };
        const { object, changed } = await change(call, (policy) => {
          const pauses = withPause(policy, asked, now);
          if (pauses === undefined) return undefined;
          if (pauses.length <= maxPauses) return { patch: { status: { pauses } }, subresource: 'status' };
          throw conflict({ group, resource: plural, name: call.name }, `it holds ${maxPauses} pauses already`);
        });
        if (changed && !call.dryRun) {
          const end = asked.expires === undefined ? '' : ` until ${asked.expires}`;
          const note = sentence(person, `paused it${end}`, asked.reason);
          deps.events.record(object, { type: 'Warning', reason: 'Paused', action: 'Pause', note });
        }
        return { code: 200, object };
      },
    },
  };
}

/** @throws StatusError 422 */
function pauseAsked({ body, name }: Call, now: Date): Pick<UserPause, 'reason' | 'expires'> {
  const { reason = '', for: duration, expires } = body as PauseRequest;
  const limit = limitOf({ for: duration, until: expires }, 'expires', now);
  const causes: StatusCause[] = 'cause' in limit ? [limit.cause] : [];
  const end = 'end' in limit ? limit.end : undefined;
  if (end !== undefined && end <= now) {
    causes.push({
      reason: 'FieldValueInvalid',
      field: 'for',
      message: 'must be longer than nothing; resume ends a pause',
    });
  }
  if (reason === '') causes.push({ reason: 'FieldValueRequired', field: 'reason', message: 'say why' });
  if (causes.length > 0) throw invalid({ group: ownGroup, resource: plural, name, kind: 'PauseRequest' }, causes);
  return { reason, ...(end === undefined ? {} : { expires: toTime(end) }) };
}
