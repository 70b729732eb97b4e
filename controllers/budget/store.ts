import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { BudgetUse } from '../../crds/remediation-policy-status.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { BudgetStatus, BudgetStore } from '../../remediation/budget/store.ts';
import { fieldManager } from '../status-writers.ts';

/** Budgets as stored in the API server; a write based on an older version is a conflict. */
export function budgetStore(policies: Pick<ResourceClient<AegisRemediationPolicy>, 'find' | 'patch'>): BudgetStore {
  return {
    read: (name) => policies.find({ name }),
    write: async (policy, status) => {
      try {
        const options = { subresource: 'status', fieldManager, metadataOnly: true } as const;
        await policies.patch(policy.metadata, patchOf(policy, status), options);
        return 'written';
      } catch (error) {
        if (!(error instanceof ApiError) || error.ambiguous) throw error;
        if (error.retry.kind === 'conflict') return 'conflict';
        if (error.status === 403 || error.retry.kind === 'terminal') return { refused: error.message };
        throw error;
      }
    },
  };
}

/**
 * A merge patch, which replaces lists as a whole, whichever manager wrote them; server-side apply would keep entries that
 * a user restored, and no sweep could remove those. A field that is removed has to be named.
 */
function patchOf({ metadata }: AegisRemediationPolicy, status: BudgetStatus): Record<string, unknown> {
  const { uid, resourceVersion } = metadata;
  const fields = Object.entries(status).map(([field, value]) => [field, value ?? null]);
  const budget = 'budget' in status ? { budget: wholly(status.budget) } : {};
  return { metadata: { uid, resourceVersion }, status: { ...Object.fromEntries(fields), ...budget } };
}

function wholly(use: BudgetStatus['budget']): object | null {
  if (use === undefined) return null;
  return { ...Object.fromEntries(Object.keys(BudgetUse.shape).map((field) => [field, null])), ...use };
}
