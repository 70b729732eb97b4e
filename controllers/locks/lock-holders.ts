import { isActing, isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import { leavesLockTo, type LockHolder } from '../../remediation/locks/target-lock.ts';
import { byRemediation } from '../../remediation/attempts/indexes.ts';
import { hasEnded } from '../../remediation/attempts/workflow-outcome.ts';
import type { Caches } from '../caches.ts';

/**
 * What has become of an attempt that holds a lock:
 *
 * - `over`: it has ended, or is gone, and nothing of it acts
 * - `ending`: the same, but its Workflow has not ended
 * - `acting`: it has a Workflow and has not ended
 * - `unsubmitted`: it has no Workflow, or none that is known yet
 */
export type HolderState = 'over' | 'ending' | 'acting' | 'unsubmitted';

export interface LockHolders {
  /**
   * Looks at the attempt itself, unless the cache has an end of it, which is final.
   *
   * @param taker what wants the lock; one that it is left to finds it free
   * @throws ApiError
   */
  read(holder: LockHolder, taker?: AegisRemediation): Promise<HolderState>;
  /** From the caches; undefined when they cannot tell for certain that it acts or has ended. */
  known(holder: LockHolder): HolderState | undefined;
  /** Whether a Workflow of it has not ended, as far as the cache knows. */
  hasWorkflowLeft(holder: Pick<LockHolder, 'namespace' | 'name'>): boolean;
}

export function createLockHolders({
  caches,
  remediations,
}: {
  caches: Pick<Caches, 'remediations' | 'workflows'>;
  remediations: Pick<ResourceClient<AegisRemediation>, 'find'>;
}): LockHolders {
  const workflowsOf = ({ namespace, name }: Pick<LockHolder, 'namespace' | 'name'>) =>
    caches.workflows.byIndex(byRemediation.name, `${namespace}/${name}`);
  const hasWorkflowLeft = (holder: Pick<LockHolder, 'namespace' | 'name'>): boolean =>
    workflowsOf(holder).some((workflow) => !hasEnded(workflow));

  function stateOf(holder: LockHolder, attempt: AegisRemediation | undefined): HolderState {
    const { phase, workflowRef } = attempt?.status ?? {};
    if (attempt?.metadata.uid !== holder.uid || isTerminal(phase)) return hasWorkflowLeft(holder) ? 'ending' : 'over';
    const submitted = workflowRef !== undefined || isActing(phase) || workflowsOf(holder).length > 0;
    return submitted ? 'acting' : 'unsubmitted';
  }

  return {
    read: async (holder, taker) => {
      const { namespace, name, uid } = holder;
      const cached = caches.remediations.get(namespace, name);
      const isFinal = cached?.metadata.uid === uid && isTerminal(cached.status?.phase);
      const attempt = isFinal ? cached : await remediations.find({ namespace, name });
      if (attempt?.metadata.uid === uid && taker !== undefined && leavesLockTo(attempt, taker)) return 'over';
      return stateOf(holder, attempt);
    },
    known: (holder) => {
      const cached = caches.remediations.get(holder.namespace, holder.name);
      if (cached?.metadata.uid !== holder.uid) return undefined;
      const state = stateOf(holder, cached);
      return state === 'unsubmitted' ? undefined : state;
    },
    hasWorkflowLeft,
  };
}
