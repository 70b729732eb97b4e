import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { RemediationPolicyStatus } from '../../crds/remediation-policy-status.ts';

/** The fields of a policy's status that the worker writes. */
export type BudgetStatus = Pick<
  RemediationPolicyStatus,
  'reservations' | 'recentStarts' | 'budget' | 'paused' | 'observedGeneration' | 'breakers' | 'conditions'
>;

/** Where the budgets are kept. */
export interface BudgetStore {
  /** From the API server itself. */
  read(name: string): Promise<AegisRemediationPolicy | undefined>;
  /**
   * Writes the given fields of the status, each as a whole, if the policy is still as it was read. Undefined takes a
   * field away.
   */
  write(policy: AegisRemediationPolicy, status: BudgetStatus): Promise<'written' | 'conflict' | { refused: string }>;
}
