import { toTime } from '../../crds/conditions.ts';
import type { AegisRemediation, RemediationSpec } from '../../crds/remediation.ts';
import { commonGroups, type EffectiveApproval } from '../policies/effective-approval.ts';

/** When an approval expires that has no deadline; milliseconds. */
const defaultTimeoutMs = 15 * 60_000;

/** The approvals that an attempt needs before it may act. */
export interface ApprovalDemand {
  /** How many different users; 0 = none. */
  readonly required: number;
  /** An approver must be in one of these; empty = every user who may use the subresource. */
  readonly approverGroups: readonly string[];
  /** Why no user can satisfy the demand. */
  readonly impossible?: string;
  readonly requesterMayApprove: boolean;
  /** When it expires. */
  readonly deadline: Date;
}

/** Returns the demand that an attempt was planned with. */
export function demandOf(
  { metadata, spec }: AegisRemediation,
  now: Date,
  timeoutMs = defaultTimeoutMs,
): ApprovalDemand {
  const { required = 0, approverGroups = [], requesterMayApprove = false, expiresAt = '' } = spec.approval ?? {};
  const given = Date.parse(expiresAt);
  const created = Date.parse(metadata.creationTimestamp ?? now.toISOString());
  const deadline = new Date(Number.isNaN(given) ? created + timeoutMs : given);
  return { required, approverGroups, requesterMayApprove, deadline };
}

/** Returns the stricter of the demand that an attempt was planned with and what the policies ask for now. */
export function demandUnder(policies: EffectiveApproval, remediation: AegisRemediation, now: Date): ApprovalDemand {
  const own = demandOf(remediation, now, policies.timeoutMs);
  // Every policy that has `approval` has a timeout.
  const silent = policies.timeoutMs === undefined;
  const isNamed = remediation.spec.approval !== undefined;
  return {
    ...own,
    required: Math.max(own.required, policies.required),
    ...groupsOf(own.approverGroups, policies),
    requesterMayApprove: (!isNamed || own.requesterMayApprove) && (silent ? isNamed : policies.requesterMayApprove),
  };
}

function groupsOf(
  own: readonly string[],
  { approverGroups, impossible }: EffectiveApproval,
): Pick<ApprovalDemand, 'approverGroups' | 'impossible'> {
  if (impossible !== undefined) return { approverGroups, impossible };
  if (own.length === 0 || approverGroups.length === 0) return { approverGroups: [...own, ...approverGroups] };
  const common = commonGroups([own, approverGroups]);
  if (common.length > 0) return { approverGroups: common };
  const [made, now] = [own.join(', '), approverGroups.join(', ')];
  return {
    approverGroups: own,
    impossible: `its approvers must be members of ${made}, and policies now accept only ${now}`,
  };
}

/**
 * Returns the approvals that a new attempt requires: those of its rule and those of the policies.
 *
 * @param byRule how many users the rule requires
 * @returns undefined when no approval is required
 */
export function requirementOf(byRule: number, policies: EffectiveApproval, now: Date): RemediationSpec['approval'] {
  const required = Math.max(byRule, policies.required);
  if (required === 0) return undefined;
  const { approverGroups, requesterMayApprove, timeoutMs } = policies;
  return {
    required,
    ...(approverGroups.length > 0 && { approverGroups: [...approverGroups] }),
    ...(requesterMayApprove && { requesterMayApprove }),
    ...(timeoutMs !== undefined && { expiresAt: toTime(new Date(now.getTime() + timeoutMs)) }),
  };
}
