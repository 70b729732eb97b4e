import { AegisRemediation, aegisRemediations, type Approval } from '../../../crds/remediation.ts';
import { ApprovalRequest } from '../../../crds/subresources/remediation.ts';
import { decideApproval } from '../../../remediation/approval/approval.ts';
import { demandUnder, type ApprovalDemand } from '../../../remediation/approval/demand.ts';
import { effectivePolicy } from '../../../remediation/policies/effective.ts';
import { cachedTarget, clusterViewOf } from '../../../remediation/cluster-view.ts';
import type { Call, Operation, Subresource } from '../../kubeapi/api.ts';
import { objectChanger, type Decide } from '../objects/change.ts';
import type { Deps } from './deps.ts';
import { personOf, sentence } from './person.ts';
import { badRequest, conflict, StatusError } from '../../kubeapi/status.ts';
import { regardingAlert } from './regarding-alert.ts';

const kind = aegisRemediations.kind;
const origin = { group: aegisRemediations.group, version: aegisRemediations.version };

/** `aegisremediations/{name}/approve`: one of the people whose agreement an attempt needs agrees. */
export function remediationApprove(deps: Deps): Subresource {
  const summary = 'Agree to what spec.manifest of a remediation would do.';
  return { name: 'approve', kind, kindGroup: origin, create: operation(deps, 'Approved', summary) };
}

/** `aegisremediations/{name}/reject`: somebody says no, which is final. */
export function remediationReject(deps: Deps): Subresource {
  const summary = 'Forbid what spec.manifest of a remediation would do, for good.';
  return { name: 'reject', kind, kindGroup: origin, create: operation(deps, 'Rejected', summary) };
}

function operation(deps: Deps, decision: Approval['decision'], summary: string): Operation {
  const change = objectChanger(deps, aegisRemediations);
  return {
    summary,
    request: ApprovalRequest,
    requestKind: 'ApprovalRequest',
    response: AegisRemediation,
    responseKind: kind,
    responseGroup: origin,
    handle: async (call) => {
      const { manifestHash, comment } = call.body as ApprovalRequest;
      if (manifestHash === undefined || manifestHash === '') throw badRequest(whichManifest(call));
      const person = personOf(call);
      const decide: Decide<AegisRemediation> = (remediation) => {
        const now = deps.now();
        const demand = demandIn(deps, remediation, now);
        const decided = decideApproval(remediation, person, { decision, manifestHash, comment, demand }, now);
        if (decided.outcome === 'unchanged') return undefined;
        if (decided.outcome === 'refused') throw refusal(call, decided);
        const approvals = [...(remediation.status?.approvals ?? []), decided.approval];
        return { patch: { status: { approvals } }, subresource: 'status' };
      };
      const { object, changed } = await change(call, decide);
      if (changed && !call.dryRun) {
        const deed = `${decision.toLowerCase()} ${object.metadata.name}`;
        deps.events.record(regardingAlert(deps, object), {
          type: 'Normal',
          reason: decision === 'Approved' ? 'ApprovalGiven' : 'ApprovalRefused',
          action: decision === 'Approved' ? 'Approve' : 'Reject',
          note: sentence(person, deed, comment),
        });
      }
      return { code: 200, object };
    },
  };
}

/** Whom the policies want, which may be more than when the attempt was made; without its alert it is cancelled anyway. */
function demandIn({ caches }: Deps, remediation: AegisRemediation, now: Date): ApprovalDemand | undefined {
  const alert = caches.alerts.get(remediation.metadata.namespace, remediation.spec.alertRef.name);
  if (alert === undefined) return undefined;
  const cluster = clusterViewOf(caches);
  const target = cachedTarget(cluster, remediation.spec.target);
  const { approval } = effectivePolicy(cluster.policies(), { remediation, alert, target });
  return demandUnder(approval, remediation, now);
}

function whichManifest({ namespace, name }: Call): string {
  const where = `kubectl get aegisremediation ${name} -n ${namespace} -o yaml`;
  return `manifestHash is missing: give spec.manifestHash of the manifest that you have looked at (${where})`;
}

function refusal({ name }: Call, { why, message }: { why: 'conflict' | 'forbidden'; message: string }): StatusError {
  const named = { group: aegisRemediations.group, resource: aegisRemediations.plural, name };
  if (why === 'conflict') return conflict(named, message);
  const text = `${named.resource}.${named.group} "${name}" is forbidden: ${message}`;
  return new StatusError(403, 'Forbidden', text, { name, group: named.group, kind: named.resource });
}
