import type { AegisRemediation } from '../../crds/remediation.ts';
import { planRemediation } from '../../remediation/planning/plan.ts';
import { reconcileRemediation } from '../../controllers/remediation/reconcile.ts';
import { anAlert, aRule, aTemplate } from '../builders/objects.ts';
import { Killed, type RemediationCluster } from './remediation-cluster.ts';

const deadlines = { start: 600_000, grace: 60_000 };

/** A rule's attempt for an alert, as the API server returns it. */
export function planned(): AegisRemediation {
  const plan = planRemediation({ alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1 });
  if (!plan.ok) throw new Error(plan.message);
  const metadata = { ...plan.remediation.metadata, uid: 'remediation-1', creationTimestamp: '2026-01-02T12:00:00Z' };
  return { ...plan.remediation, metadata };
}

/** Lets a worker look at it once. */
export function reconcileIn(cluster: RemediationCluster): Promise<{ requeueAfterMs?: number }> {
  const { namespace = '', name } = planned().metadata;
  return reconcileRemediation(cluster.ports(), { deadlines }, { namespace, name });
}

/** The same, where workers that die are replaced until one lives. */
export async function reconcileUntilDone(cluster: RemediationCluster): Promise<{ requeueAfterMs?: number }> {
  for (;;) {
    try {
      return await reconcileIn(cluster);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}
