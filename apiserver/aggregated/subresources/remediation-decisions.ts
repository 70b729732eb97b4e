import type { KubeObject } from '../../../crds/object.ts';
import { AegisRemediation, aegisRemediations, type Approval } from '../../../crds/remediation.ts';
import { ApprovalRequest, CancelRequest } from '../../../crds/subresources/remediation.ts';
import { decideApproval } from '../../../remediation/approval/approval.ts';
import { decideCancellation } from '../../../remediation/approval/cancellation.ts';
import { demandUnder, type ApprovalDemand } from '../../../remediation/approval/demand.ts';
import { cachedTarget } from '../../../remediation/cluster-view.ts';
import { effectivePolicy } from '../../../remediation/policies/effective.ts';
import type { Call, Subresource } from '../../kubeapi/api.ts';
import { badRequest, conflict, StatusError } from '../../kubeapi/status.ts';
import type { Deps } from './deps.ts';
import type { ReadContext } from './read-context.ts';
import { userDecision } from './user-decision.ts';

const remediations = { type: aegisRemediations, schema: AegisRemediation } as const;

/** `aegisremediations/{name}/approve`: one of the users whose approval an attempt needs approves it. */
export function remediationApprove(context: ReadContext): Subresource {
  const summary = 'Approves spec.manifest of a remediation.';
  return approval(context, { name: 'approve', decision: 'Approved', summary });
}

/** `aegisremediations/{name}/reject`: a user rejects an attempt, which is final. */
export function remediationReject(context: ReadContext): Subresource {
  const summary = 'Rejects spec.manifest of a remediation, which is final.';
  return approval(context, { name: 'reject', decision: 'Rejected', summary });
}

function approval(
  context: ReadContext,
  { name, decision, summary }: { name: string; decision: Approval['decision']; summary: string },
): Subresource {
  return userDecision(context, {
    ...remediations,
    name,
    summary,
    request: ApprovalRequest,
    requestKind: 'ApprovalRequest',
    prepare: (call, user) => {
      const { manifestHash, comment } = call.body as ApprovalRequest;
      if (manifestHash === undefined || manifestHash === '') throw badRequest(missingManifestHash(call));
      return {
        decide: (remediation) => {
          const now = context.now();
          const demand = demandIn(context, remediation, now);
          const decided = decideApproval(remediation, user, { decision, manifestHash, comment, demand }, now);
          if (decided.outcome === 'unchanged') return undefined;
          if (decided.outcome === 'refused') throw refusal(call, decided);
          const approvals = [...(remediation.status?.approvals ?? []), decided.approval];
          return { patch: { status: { approvals } }, subresource: 'status' };
        },
        event: ({ metadata }) => ({
          reason: decision === 'Approved' ? 'ApprovalGiven' : 'ApprovalRefused',
          action: decision === 'Approved' ? 'Approve' : 'Reject',
          did: `${decision.toLowerCase()} ${metadata.name}`,
          comment,
        }),
        regarding: (remediation) => alertOrSelf(context, remediation),
      };
    },
  });
}

/** `aegisremediations/{name}/cancel`: a pending attempt is never submitted, a running one is stopped. */
export function remediationCancel(deps: Deps): Subresource {
  return userDecision(deps, {
    ...remediations,
    name: 'cancel',
    summary: 'Cancels a remediation: it is not submitted any more, and a running Workflow is stopped.',
    request: CancelRequest,
    requestKind: 'CancelRequest',
    prepare: (call, user) => {
      const { comment } = call.body as CancelRequest;
      return {
        decide: (remediation) => {
          const decided = decideCancellation(remediation, user, comment, deps.now());
          if (decided.outcome === 'unchanged') return undefined;
          if (decided.outcome === 'refused') throw refusal(call, { why: 'conflict', message: decided.message });
          return { patch: { status: { cancellation: decided.cancellation } }, subresource: 'status' };
        },
        event: ({ metadata }) => ({
          ...{ reason: 'CancellationRequested', action: 'Cancel', did: `cancelled ${metadata.name}` },
          comment,
        }),
        regarding: (remediation) => alertOrSelf(deps, remediation),
      };
    },
  });
}

/** Returns the approvals that the policies demand now; undefined without the alert, when the attempt ends anyway. */
function demandIn(
  { caches, cluster }: ReadContext,
  remediation: AegisRemediation,
  now: Date,
): ApprovalDemand | undefined {
  const alert = caches.alerts.get(remediation.metadata.namespace, remediation.spec.alertRef.name);
  if (alert === undefined) return undefined;
  const target = cachedTarget(cluster, remediation.spec.target);
  const { approval: required } = effectivePolicy(cluster.policies(), { remediation, alert, target });
  return demandUnder(required, remediation, now);
}

/** Returns the alert of an attempt, where users look for events; the attempt itself when the alert is unknown. */
function alertOrSelf({ caches }: Deps, remediation: AegisRemediation): KubeObject {
  const { alertRef } = remediation.spec;
  const alert = caches.alerts.get(remediation.metadata.namespace, alertRef.name);
  return alert?.metadata.uid === alertRef.uid ? alert : remediation;
}

function missingManifestHash({ namespace, name }: Call): string {
  const where = `kubectl get aegisremediation ${name} -n ${namespace} -o yaml`;
  return `manifestHash is required: give spec.manifestHash of the manifest that you have reviewed (${where})`;
}

function refusal({ name }: Call, { why, message }: { why: 'conflict' | 'forbidden'; message: string }): StatusError {
  const named = { group: aegisRemediations.group, resource: aegisRemediations.plural, name };
  if (why === 'conflict') return conflict(named, message);
  const text = `${named.resource}.${named.group} "${name}" is forbidden: ${message}`;
  return new StatusError(403, 'Forbidden', text, { name, group: named.group, kind: named.resource });
}
