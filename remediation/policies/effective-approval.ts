import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';

/** The required approvals of all policies together. */
export interface EffectiveApproval {
  /** How many different users. */
  readonly required: number;
  /** An approver must be in one of these; empty = every user who may use the subresource. */
  readonly approverGroups: readonly string[];
  /** Why no user can satisfy all policies. */
  readonly impossible?: string;
  readonly requesterMayApprove: boolean;
  /** When an approval expires; milliseconds. Absent: no policy says. */
  readonly timeoutMs?: number;
}

/**
 * The strictest of the approvals of policies; pure. A policy that requires no approval itself still restricts the
 * approvers where a rule or another policy requires one. Of groups those are left that each policy that names any
 * accepts: a member of one of them satisfies all.
 *
 * @param timeoutOf reads the timeout of the policy of that name; milliseconds
 */
export function effectiveApproval(
  policies: readonly AegisRemediationPolicy[],
  timeoutOf: (policy: string, text: string) => number,
): EffectiveApproval {
  const saying = policies.flatMap(({ metadata: { name }, spec }) =>
    spec.approval === undefined ? [] : [{ name, ...spec.approval }],
  );
  const timeouts = saying.map(({ name, timeout }) => timeoutOf(name, timeout));
  const choosy = saying.filter(({ approverGroups = [] }) => approverGroups.length > 0);
  const accepted = choosy.map(({ approverGroups = [] }) => approverGroups);
  const common = commonGroups(accepted);
  const names = choosy.map(({ name }) => name).join(', ');
  return {
    required: Math.max(0, ...saying.map(({ required }) => required)),
    // Never empty where groups were named, because that would let in everybody.
    approverGroups: common.length > 0 ? common : (accepted[0] ?? []),
    ...(common.length === 0 &&
      choosy.length > 0 && { impossible: `policies ${names} have no approver group in common` }),
    requesterMayApprove: saying.length > 0 && saying.every(({ requesterMayApprove }) => requesterMayApprove),
    ...(timeouts.length > 0 && { timeoutMs: Math.min(...timeouts) }),
  };
}

/** The groups that are in all of the lists. */
export function commonGroups(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists;
  return first.filter((group) => others.every((list) => list.includes(group)));
}
