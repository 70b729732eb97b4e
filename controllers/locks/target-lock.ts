import { LRUCache } from 'lru-cache';
import { lockName } from '../../crds/names.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { ApiError, isAlreadyExists, isNotFound } from '../../kube/client/api-error.ts';
import type { Lease } from '../../kube/kinds/lease.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { GateAnswer } from '../../remediation/gate.ts';
import type { Hold } from '../../remediation/locks/acquire.ts';
import { lockBusy, type LockKind } from '../../remediation/locks/target-lock.ts';
import type { LockHolders } from './lock-holders.ts';
import { holderOf, lockLease } from './lock-lease.ts';
import { fieldManager } from '../status-writers.ts';
import { refusalOf } from '../remediation/submitter.ts';

export type LeaseWriter = Pick<ResourceClient<Lease>, 'find' | 'create' | 'replace' | 'delete'>;

export interface TargetLockOptions {
  /** What is locked. */
  kind: LockKind;
  leases: LeaseWriter;
  /** Of the release: one Lease for each target, whatever namespace its attempts are in. */
  namespace: string;
  holders: LockHolders;
  now: () => Date;
}

/** What this process did last with the lock of an attempt. */
type Done = { held: { uid: string | undefined; resourceVersion: string | undefined } } | 'released';

const maxRemembered = 4_096;
/** How often a Lease may change under our hands before the queue is asked to try later. */
const maxRounds = 4;
/** How soon what nobody will tell us of is looked at again; milliseconds. */
const unheardOf = { ending: 10_000, unavailable: 10_000 };
/** When an end has been on record for so long, the sweep has been there since; milliseconds. */
const sweptAfterMs = 5 * 60_000;

/**
 * One action for each thing that is locked, in all rules, namespaces and replicas: an attempt that acts holds its Lease.
 * Creating it takes it; who finds it there looks at who holds it. Every other write names the state that it was decided
 * upon.
 */
export function createTargetLock({ kind, leases, namespace, holders, now }: TargetLockOptions): Hold {
  const { name, lockOf } = kind;
  const done = new LRUCache<string, Done>({ max: maxRemembered });

  function note({ metadata }: AegisRemediation, lease: Lease): void {
    const { uid, resourceVersion } = lease.metadata;
    done.set(metadata.uid ?? '', { held: { uid, resourceVersion } });
  }

  /** @returns the Lease as it is, unless it is ours now */
  async function create(remediation: AegisRemediation, lock: string): Promise<Lease | 'gone' | undefined> {
    const lease = lockLease(remediation, { lock, namespace, now: now() });
    try {
      note(remediation, await leases.create(lease, { fieldManager, metadataOnly: true }));
      return undefined;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return (await leases.find(lease.metadata)) ?? 'gone';
    }
  }

  async function take(remediation: AegisRemediation, lock: string): Promise<GateAnswer> {
    for (let round = 1; round <= maxRounds; round += 1) {
      const lease = await create(remediation, lock);
      if (lease === undefined) return undefined;
      if (lease === 'gone') continue;
      const busy = await whyBusy(remediation, lease);
      if (busy !== undefined) return busy;
      if (await takeOver(remediation, lock, lease)) return undefined;
    }
    throw contended(lock);
  }

  /** What is ours already is written anew, so that the sweep does not take it for forgotten. False: it has changed since. */
  async function takeOver(remediation: AegisRemediation, lock: string, before: Lease): Promise<boolean> {
    const lease = lockLease(remediation, { lock, namespace, now: now(), before });
    const written = await unlessChanged(leases.replace(lease, { fieldManager }));
    if (written !== undefined) note(remediation, written);
    return written !== undefined;
  }

  async function whyBusy(remediation: AegisRemediation, lease: Lease): Promise<GateAnswer> {
    const target = kind.describe(remediation);
    const holder = holderOf(lease);
    if (holder === 'nobody') return undefined;
    if (holder === 'foreign') {
      const message = `the Lease ${lease.metadata.name} of ${target} is held by ${lease.spec?.holderIdentity ?? ''}`;
      return { reason: lockBusy, message };
    }
    if (holder.uid === remediation.metadata.uid) return undefined;
    const who = `${holder.namespace}/${holder.name}`;
    switch (await holders.read(holder, remediation)) {
      case 'over':
        return undefined;
      case 'ending': {
        const until = new Date(now().getTime() + unheardOf.ending);
        return { reason: lockBusy, message: `the Workflow of ${who} has not ended`, until };
      }
      case 'acting':
      case 'unsubmitted':
        return { reason: lockBusy, message: `${who} holds the lock of ${target}` };
    }
  }

  /** @throws ApiError while it is not certain that the attempt does not hold it any more */
  async function remove(remediation: AegisRemediation, lock: string, state: Done | undefined): Promise<void> {
    const key = { namespace, name: lockName(lock) };
    let held = state !== undefined && state !== 'released' ? state.held : undefined;
    for (let round = 1; round <= maxRounds; round += 1) {
      if (held !== undefined && (await unlessChanged(leases.delete(key, held))) !== undefined) return;
      const lease = await leases.find(key);
      const holder = lease === undefined ? 'nobody' : holderOf(lease);
      if (typeof holder === 'string' || holder.uid !== remediation.metadata.uid) return;
      held = { uid: lease?.metadata.uid, resourceVersion: lease?.metadata.resourceVersion };
    }
    throw contended(lock);
  }

  function needsNoRelease({ status }: AegisRemediation, state: Done | undefined): boolean {
    if (state !== undefined) return state === 'released';
    const ended = Date.parse(status?.completionTime ?? '');
    return isTerminal(status?.phase) && now().getTime() - ended > sweptAfterMs;
  }

  return {
    name,
    take: async ({ remediation }) => {
      const lock = lockOf(remediation);
      if (lock === undefined) return undefined;
      try {
        return await take(remediation, lock);
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        const until = new Date(now().getTime() + unheardOf.unavailable);
        return {
          reason: 'LockUnavailable',
          message: `${kind.describe(remediation)} cannot be locked: ${refusal.message}`,
          until,
        };
      }
    },
    release: async (remediation) => {
      const lock = lockOf(remediation);
      const { namespace: home = '', uid = '' } = remediation.metadata;
      const state = done.get(uid);
      if (lock === undefined || needsNoRelease(remediation, state)) return;
      // It was told to stop and has not yet: its end brings the attempt back.
      if (holders.hasWorkflowLeft({ namespace: home, name: remediation.metadata.name })) return;
      await remove(remediation, lock, state);
      done.set(uid, 'released');
    },
  };
}

/** Undefined when the object is no longer as it was, or gone. */
async function unlessChanged<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isNotFound(error) || (error instanceof ApiError && error.retry.kind === 'conflict')) return undefined;
    throw error;
  }
}

function contended(lock: string): ApiError {
  const message = `the lock of ${lock} changed again and again`;
  return new ApiError({ status: 409, reason: 'Conflict', message, retry: { kind: 'conflict' } });
}
