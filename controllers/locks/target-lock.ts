import { LRUCache } from 'lru-cache';
import { lockName } from '../../crds/names.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { ApiError, isAlreadyExists, isNotFound } from '../../kube/client/api-error.ts';
import type { Lease } from '../../kube/kinds/lease.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { GateAnswer } from '../../remediation/gate.ts';
import type { Acquirable } from '../../remediation/locks/acquire.ts';
import { lockBusy, type LockKind } from '../../remediation/locks/target-lock.ts';
import type { LockHolders } from './lock-holders.ts';
import { holderOf, lockLease } from './lock-lease.ts';
import { fieldManager } from '../status-writers.ts';
import { refusalOf } from '../refusal.ts';

export type LeaseWriter = Pick<ResourceClient<Lease>, 'find' | 'create' | 'replace' | 'delete'>;

export interface TargetLockPorts {
  /** The kind of lock. */
  kind: LockKind;
  leases: LeaseWriter;
  /** Of the release: one Lease for each target, in whichever namespaces its attempts are. */
  namespace: string;
  holders: LockHolders;
  /** Of the process and of this kind of lock: it outlives the ports of one run. */
  memory: LockMemory;
  now: () => Date;
}

/** The last operation of this process on the lock of an attempt, by the uid of the attempt. */
export type LockMemory = LRUCache<string, Done>;
type Done = { held: { uid: string | undefined; resourceVersion: string | undefined } } | 'released';

const maxRemembered = 4_096;
/** How often a Lease may change between a read and a write before the queue repeats the run. */
const maxRounds = 4;
/** How soon an attempt is decided again that no event brings back; milliseconds. */
const recheckMs = { ending: 10_000, unavailable: 10_000 };
/** Once an end has been on record for so long, the sweep has freed its lock; milliseconds. */
const sweptAfterMs = 5 * 60_000;

export function createLockMemory(): LockMemory {
  return new LRUCache<string, Done>({ max: maxRemembered });
}

/**
 * Creates the lock that lets one attempt act on each target, across all rules, namespaces and replicas: an attempt that
 * acts holds its Lease. Creating the Lease acquires it; a Lease that exists is taken over when its holder has ended.
 * Every other write names the state that it was decided on.
 */
export function createTargetLock(ports: TargetLockPorts): Acquirable {
  return {
    name: ports.kind.name,
    acquire: ({ remediation }) => acquire(ports, remediation),
    release: (remediation) => release(ports, remediation),
  };
}

async function acquire(ports: TargetLockPorts, remediation: AegisRemediation): Promise<GateAnswer> {
  const { kind, now } = ports;
  const lock = kind.lockOf(remediation);
  if (lock === undefined) return undefined;
  try {
    return await lockOrBusy(ports, remediation, lock);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    const until = new Date(now().getTime() + recheckMs.unavailable);
    const message = `${kind.describe(remediation)} cannot be locked: ${refusal.message}`;
    return { reason: 'LockUnavailable', message, until };
  }
}

async function lockOrBusy(ports: TargetLockPorts, remediation: AegisRemediation, lock: string): Promise<GateAnswer> {
  for (let round = 1; round <= maxRounds; round += 1) {
    const lease = await create(ports, remediation, lock);
    if (lease === undefined) return undefined;
    if (lease === 'gone') continue;
    const busy = await whyBusy(ports, remediation, lease);
    if (busy !== undefined) return busy;
    if (await takeOver(ports, remediation, lock, lease)) return undefined;
  }
  throw contended(lock);
}

/** @returns the Lease that exists; undefined when this call created it */
async function create(
  ports: TargetLockPorts,
  remediation: AegisRemediation,
  lock: string,
): Promise<Lease | 'gone' | undefined> {
  const { leases, namespace, now } = ports;
  const lease = lockLease(remediation, { lock, namespace, now: now() });
  try {
    note(ports, remediation, await leases.create(lease, { fieldManager, metadataOnly: true }));
    return undefined;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return (await leases.find(lease.metadata)) ?? 'gone';
  }
}

/**
 * Writes a free Lease, or one that the attempt holds already, so that the sweep does not take that for abandoned.
 *
 * @returns false when the Lease has changed since
 */
async function takeOver(
  ports: TargetLockPorts,
  remediation: AegisRemediation,
  lock: string,
  before: Lease,
): Promise<boolean> {
  const { leases, namespace, now } = ports;
  const lease = lockLease(remediation, { lock, namespace, now: now(), before });
  const written = await unlessChanged(leases.replace(lease, { fieldManager }));
  if (written !== undefined) note(ports, remediation, written);
  return written !== undefined;
}

async function whyBusy(
  { kind, holders, now }: TargetLockPorts,
  remediation: AegisRemediation,
  lease: Lease,
): Promise<GateAnswer> {
  const target = kind.describe(remediation);
  const holder = holderOf(lease);
  if (holder === 'none') return undefined;
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
      const until = new Date(now().getTime() + recheckMs.ending);
      return { reason: lockBusy, message: `the Workflow of ${who} has not ended`, until };
    }
    case 'acting':
    case 'unsubmitted':
      return { reason: lockBusy, message: `${who} holds the lock of ${target}` };
  }
}

async function release(ports: TargetLockPorts, remediation: AegisRemediation): Promise<void> {
  const { kind, holders, memory } = ports;
  const lock = kind.lockOf(remediation);
  const { namespace = '', name, uid = '' } = remediation.metadata;
  const done = memory.get(uid);
  if (lock === undefined || needsNoRelease(ports, remediation, done)) return;
  // A Workflow that is being stopped still acts: its end brings the attempt back.
  if (holders.hasWorkflowLeft({ namespace, name })) return;
  await remove(ports, remediation, lock, done);
  memory.set(uid, 'released');
}

function needsNoRelease({ now }: TargetLockPorts, { status }: AegisRemediation, done: Done | undefined): boolean {
  if (done !== undefined) return done === 'released';
  const ended = Date.parse(status?.completionTime ?? '');
  return isTerminal(status?.phase) && now().getTime() - ended > sweptAfterMs;
}

/** @throws ApiError while it is not certain that the attempt no longer holds the Lease */
async function remove(
  { leases, namespace }: TargetLockPorts,
  remediation: AegisRemediation,
  lock: string,
  done: Done | undefined,
): Promise<void> {
  const key = { namespace, name: lockName(lock) };
  let held = done !== undefined && done !== 'released' ? done.held : undefined;
  for (let round = 1; round <= maxRounds; round += 1) {
    if (held !== undefined && (await unlessChanged(leases.delete(key, held))) !== undefined) return;
    const lease = await leases.find(key);
    const holder = lease === undefined ? 'none' : holderOf(lease);
    if (typeof holder === 'string' || holder.uid !== remediation.metadata.uid) return;
    held = { uid: lease?.metadata.uid, resourceVersion: lease?.metadata.resourceVersion };
  }
  throw contended(lock);
}

function note({ memory }: TargetLockPorts, { metadata }: AegisRemediation, lease: Lease): void {
  const { uid, resourceVersion } = lease.metadata;
  memory.set(metadata.uid ?? '', { held: { uid, resourceVersion } });
}

/** @returns undefined when the object is no longer as it was, or gone */
async function unlessChanged<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isNotFound(error) || (error instanceof ApiError && error.retry.kind === 'conflict')) return undefined;
    throw error;
  }
}

function contended(lock: string): ApiError {
  const message = `the lock of ${lock} changed ${maxRounds} times in a row`;
  return new ApiError({ status: 409, reason: 'Conflict', message, retry: { kind: 'conflict' } });
}
