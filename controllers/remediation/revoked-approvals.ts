import type { AegisRemediation } from '../../crds/remediation.ts';
import { approversOf } from '../../remediation/approval/approval.ts';
import { demandOf } from '../../remediation/approval/demand.ts';
import type { RemediationPorts } from './ports.ts';

/**
 * Reviews the rights of all approvers once there are enough of them, because users leave teams between an approval and the
 * submission. With too few approvals the rights change nothing and are not reviewed.
 *
 * @returns the users without the right to approve, with the cause
 */
export async function revokedApprovals(
  ports: Pick<RemediationPorts, 'whyMayNotApprove' | 'now'>,
  remediation: AegisRemediation,
): Promise<ReadonlyMap<string, string>> {
  const revoked = new Map<string, string>();
  const { required } = demandOf(remediation, ports.now());
  const users = approversOf(remediation);
  if (remediation.spec.dryRun === true || users.length === 0 || users.length < required) return revoked;
  for (const user of users) {
    const { groups = [] } = remediation.status?.approvals?.findLast((said) => said.user === user) ?? {};
    const why = await ports.whyMayNotApprove(remediation, { user, groups });
    if (why !== undefined) revoked.set(user, why);
  }
  return revoked;
}
