import { AegisRemediationPolicy, aegisRemediationPolicies } from '../../../crds/remediation-policy.ts';
import { ResumeRequest } from '../../../crds/subresources/policy.ts';
import { pausesOf, withoutPauses } from '../../../remediation/policies/pauses.ts';
import type { Call, Subresource } from '../../kubeapi/api.ts';
import { authorize } from '../authz/authorize.ts';
import { objectChanger } from '../objects/change.ts';
import type { Deps } from './deps.ts';
import { personOf, sentence } from './person.ts';

const { group, version, plural, kind } = aegisRemediationPolicies;

/** `aegisremediationpolicies/{name}/resume`: takes away the caller's own pauses, or all that people asked for. */
export function policyResume(deps: Deps): Subresource {
  const change = objectChanger(deps, aegisRemediationPolicies);
  return {
    name: 'resume',
    kind,
    kindGroup: { group, version },
    create: {
      summary: "Take away the caller's own pauses of a policy, or everybody's.",
      request: ResumeRequest,
      requestKind: 'ResumeRequest',
      response: AegisRemediationPolicy,
      responseKind: kind,
      responseGroup: { group, version },
      handle: async (call) => {
        const { all = false } = call.body as ResumeRequest;
        const person = personOf(call);
        if (all) await mayUpdate(deps, call);
        const { object, changed } = await change(call, (policy) => {
          const pauses = withoutPauses(policy, all ? 'everybody' : person, deps.now());
          return pauses === undefined ? undefined : { patch: { status: { pauses } }, subresource: 'status' };
        });
        if (changed && !call.dryRun) {
          const note = sentence(person, all ? 'took all pauses away' : 'resumed it', undefined);
          deps.events.record(object, { type: 'Normal', reason: 'Resumed', action: 'Resume', note });
        }
        return { code: 200, object, ...stillPaused(object, deps.now()) };
      },
    },
  };
}

/** Who takes away what others put there must be allowed to change the policy itself. */
async function mayUpdate({ authorizer }: Deps, { user, name, signal }: Call): Promise<void> {
  await authorize(authorizer, user, { verb: 'update', group, version, resource: plural, namespace: '', name }, signal);
}

/** Whoever resumes must not believe that all is well while somebody else's pause holds. */
function stillPaused(policy: AegisRemediationPolicy, now: Date): { warnings?: string[] } {
  const warnings = pausesOf(policy, now).map(({ by, reason }) => `still paused by ${by}: ${reason}`);
  return warnings.length === 0 ? {} : { warnings };
}
