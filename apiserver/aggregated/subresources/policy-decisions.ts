import { randomBytes } from 'node:crypto';
import { toTime } from '../../../crds/conditions.ts';
import { AegisRemediationPolicy, aegisRemediationPolicies } from '../../../crds/remediation-policy.ts';
import { subresourceGroup } from '../../../crds/subresources/group.ts';
import { PauseRequest, ResumeRequest } from '../../../crds/subresources/policy.ts';
import { pausesOf, withoutPauses, withPause, type UserPause } from '../../../remediation/policies/pauses.ts';
import type { Call, Subresource } from '../../kubeapi/api.ts';
import { conflict, invalid, type StatusCause } from '../../kubeapi/status.ts';
import { authorize } from '../authz/authorize.ts';
import type { Deps } from './deps.ts';
import { limitOf } from './time-limit.ts';
import { userDecision } from './user-decision.ts';

const { group, version, plural } = aegisRemediationPolicies;
const policies = { type: aegisRemediationPolicies, schema: AegisRemediationPolicy } as const;

/** As many as the schema allows. */
const maxPauses = 64;

/** `aegisremediationpolicies/{name}/pause`: nothing that the policy selects starts until every pause has ended. */
export function policyPause(deps: Deps): Subresource {
  return userDecision(deps, {
    ...policies,
    name: 'pause',
    summary: 'Pauses a policy: no remediation that it selects starts, running ones continue.',
    request: PauseRequest,
    requestKind: 'PauseRequest',
    prepare: (call, user) => {
      const now = deps.now();
      const pause: UserPause = {
        id: randomBytes(8).toString('hex'),
        by: user.name,
        since: toTime(now),
        ...requestedPause(call, now),
      };
      return {
        decide: (policy) => {
          const pauses = withPause(policy, pause, now);
          if (pauses === undefined) return undefined;
          if (pauses.length <= maxPauses) return { patch: { status: { pauses } }, subresource: 'status' };
          throw conflict({ group, resource: plural, name: call.name }, `the policy has ${maxPauses} pauses already`);
        },
        event: () => ({
          type: 'Warning',
          reason: 'Paused',
          action: 'Pause',
          did: `paused it${pause.expires === undefined ? '' : ` until ${pause.expires}`}`,
          comment: pause.reason,
        }),
      };
    },
  });
}

/** @throws StatusError 422 */
function requestedPause({ body, name }: Call, now: Date): Pick<UserPause, 'reason' | 'expires'> {
  const { reason = '', for: duration, expires } = body as PauseRequest;
  const limit = limitOf({ for: duration, until: expires }, 'expires', now);
  const causes: StatusCause[] = 'cause' in limit ? [limit.cause] : [];
  const end = 'end' in limit ? limit.end : undefined;
  if (end !== undefined && end <= now) {
    causes.push({
      reason: 'FieldValueInvalid',
      field: 'for',
      message: 'must be greater than 0s; use resume to end a pause',
    });
  }
  if (reason === '')
    causes.push({ reason: 'FieldValueRequired', field: 'reason', message: 'give a reason for the pause' });
  if (causes.length > 0)
    throw invalid({ group: subresourceGroup, resource: plural, name, kind: 'PauseRequest' }, causes);
  return { reason, ...(end === undefined ? {} : { expires: toTime(end) }) };
}

/** `aegisremediationpolicies/{name}/resume`: removes the pauses of the caller, or the pauses of all users. */
export function policyResume(deps: Deps): Subresource {
  return userDecision(deps, {
    ...policies,
    name: 'resume',
    summary: 'Removes the pauses of the caller from a policy, or the pauses of all users.',
    request: ResumeRequest,
    requestKind: 'ResumeRequest',
    prepare: async (call, user) => {
      const { all = false } = call.body as ResumeRequest;
      if (all) await requireUpdate(deps, call);
      return {
        decide: (policy) => {
          const pauses = withoutPauses(policy, all ? 'everybody' : user, deps.now());
          return pauses === undefined ? undefined : { patch: { status: { pauses } }, subresource: 'status' };
        },
        event: () => ({ reason: 'Resumed', action: 'Resume', did: all ? 'removed all pauses' : 'resumed it' }),
        // The caller must not believe that the policy is active while the pause of another user holds.
        warnings: (policy) => pausesOf(policy, deps.now()).map(({ by, reason }) => `still paused by ${by}: ${reason}`),
      };
    },
  });
}

/** Removing the pauses of other users takes the right to change the policy itself. */
async function requireUpdate({ authorizer }: Deps, { user, name, signal }: Call): Promise<void> {
  const attributes = { verb: 'update', group, version, resource: plural, namespace: '', name };
  await authorize(authorizer, user, attributes, signal);
}
