import { toTime } from '../../crds/conditions.ts';
import type { AegisRemediation, RemediationSpec } from '../../crds/remediation.ts';
import { commonGroups, type EffectiveApproval } from '../policies/effective-approval.ts';

/** How long an approval is waited for where nothing says how long; milliseconds. */
const defaultTimeoutMs = 15 * 60_000;

/** Who must agree before an attempt may act. */
export interface ApprovalDemand {
  /** How many different people; 0 = none. */
  readonly required: number;
  /** Of which an approver must be in one; empty = whoever may use the subresource. */
  readonly approverGroups: readonly string[];
  /** Why nobody can be a member of what is demanded. */
  readonly impossible?: string;
  readonly requesterMayApprove: boolean;
  /** From then on it is denied. */
  readonly deadline: Date;
}

/** What an attempt was made for. */
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

/** What it was made for, and what the policies ask for by now: the stricter of both. */
export function demandUnder(policies: EffectiveApproval, remediation: AegisRemediation, now: Date): ApprovalDemand {
  const own = demandOf(remediation, now, policies.timeoutMs);
  // Whatever policy speaks of approvals gives a time.
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
 * What a new attempt is to be made for: what its rule asks for, and what the policies do.
 *
 * @param byRule how many people the rule wants
 * @returns undefined when nobody has to agree
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
