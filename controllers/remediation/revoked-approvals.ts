import type { AegisRemediation } from '../../crds/remediation.ts';
import { approversOf } from '../../remediation/approval/approval.ts';
import { demandOf } from '../../remediation/approval/demand.ts';
import type { RemediationPorts } from './ports.ts';

/**
 * Asks about everybody who approved whether she still may, once enough have: between a click and its execution people
 * leave teams. While too few have, their words change nothing and nobody is asked about.
 *
 * @returns who may not any more, and why
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
