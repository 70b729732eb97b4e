import { isActing, isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import { leavesLockTo, type LockHolder } from '../../remediation/locks/target-lock.ts';
import { byRemediation } from '../../remediation/attempts/indexes.ts';
import { hasEnded } from '../../remediation/attempts/workflow-outcome.ts';
import type { Caches } from '../caches.ts';

/**
 * The state of an attempt that holds a lock:
 *
 * - `over`: it has ended, or is gone, and nothing of it acts
 * - `ending`: the same, but its Workflow has not ended
 * - `acting`: it has a Workflow and has not ended
 * - `unsubmitted`: it has no Workflow, or none that is known yet
 */
export type HolderState = 'over' | 'ending' | 'acting' | 'unsubmitted';

export interface LockHolders {
  /**
   * Reads the attempt from the API server, unless the cache has its end, which is final.
   *
   * @param taker the attempt that acquires the lock; for one that the holder leaves it to, the lock is free
   * @throws ApiError
   */
  read(holder: LockHolder, taker?: AegisRemediation): Promise<HolderState>;
  /** Returns the state from the caches; undefined when it is not certain there that the holder acts or has ended. */
  known(holder: LockHolder): HolderState | undefined;
  /** Returns whether the cache has a Workflow of the holder that has not ended. */
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
