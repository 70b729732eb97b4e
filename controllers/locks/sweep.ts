import { ApiError } from '../../kube/client/api-error.ts';
import type { Lease } from '../../kube/kinds/lease.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { LockHolders } from './lock-holders.ts';
import { holderOf, lockSeconds, lockSelector } from './lock-lease.ts';

export interface LockSweepOptions {
  leases: Pick<ResourceClient<Lease>, 'list' | 'delete'>;
  namespace: string;
  holders: LockHolders;
  clock: Pick<Clock, 'monotonicMs'>;
  logger: Pick<Logger, 'info'>;
}

/**
 * Creates the sweep that frees the locks of dead workers: it checks every lock once, and must run in one worker at a time.
 *
 * @throws ApiError
 */
export function lockSweep({ leases, namespace, holders, clock, logger }: LockSweepOptions): () => Promise<void> {
  /** When a lock was first seen whose holder has no Workflow, by the state of the Lease. Clocks of nodes differ. */
  let waiting = new Map<string, number>();

  /** Returns why the lock is free; undefined when it is not. */
  async function whyFree(lease: Lease, still: Map<string, number>): Promise<string | undefined> {
    const holder = holderOf(lease);
    if (holder === 'foreign') return undefined;
    if (holder === 'none') return 'it has no holder';
    const state = holders.known(holder) ?? (await holders.read(holder));
    if (state === 'over') return 'its holder has ended or no longer exists';
    if (state !== 'unsubmitted') return undefined;
    const id = `${lease.metadata.uid ?? ''}/${lease.metadata.resourceVersion ?? ''}`;
    const since = waiting.get(id) ?? clock.monotonicMs();
    still.set(id, since);
    return clock.monotonicMs() - since >= lockSeconds * 1_000 ? 'its holder has submitted nothing' : undefined;
  }

  async function free({ metadata, spec }: Lease, why: string): Promise<void> {
    const { name, uid, resourceVersion } = metadata;
    try {
      await leases.delete({ namespace, name }, { uid, resourceVersion });
    } catch (error) {
      // Another attempt has acquired it at this moment.
      if (error instanceof ApiError && error.retry.kind === 'conflict') return;
      throw error;
    }
    logger.info({ lease: name, holder: spec?.holderIdentity, why }, 'Freed a lock');
  }

  return async () => {
    const still = new Map<string, number>();
    const { items } = await leases.list({ namespace, labelSelector: lockSelector });
    for (const lease of items) {
      const why = await whyFree(lease, still);
      if (why !== undefined) await free(lease, why);
    }
    waiting = still;
  };
}
