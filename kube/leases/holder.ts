import { apiVersionOf } from '../../crds/object.ts';
import { ApiError } from '../client/api-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { leases, toMicroTime, type Lease, type LeaseSpec } from '../kinds/lease.ts';
import type { ResourceClient } from '../client/resources.ts';

/** A process's view of a Lease. All times are of its own monotonic clock, because clocks of two nodes differ. */
export interface LeaseHolder {
  /**
   * Takes the Lease if it is free, renews it if it is ours. Resolves to whether it is ours now.
   *
   * @throws ApiError when the API server does not respond
   */
  takeOrRenew(timeoutMs: number): Promise<boolean>;
  /** Releases the Lease, if it is ours. */
  release(timeoutMs: number): Promise<void>;
  /** Start of the last request that took or renewed it, in monotonic milliseconds; no other process takes it for its duration. */
  renewedAt(): number;
}

export interface LeaseHolderOptions {
  readonly client: Pick<ResourceClient<Lease>, 'find' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly durationSeconds: number;
  readonly clock: Clock;
}

/** A Lease as it was last read, and the time since which it has not changed. */
interface Observation {
  readonly lease: Lease;
  readonly at: number;
}

export function createLeaseHolder(options: LeaseHolderOptions): LeaseHolder {
  const { client, namespace, name, identity, durationSeconds, clock } = options;
  let observed: Observation | undefined;
  /** Our own last write: renewing needs no read as long as no other process writes. */
  let own: Lease | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;

  const observe = (lease: Lease): Observation => {
    if (observed?.lease.metadata.resourceVersion !== lease.metadata.resourceVersion) {
      observed = { lease, at: clock.monotonicMs() };
    }
    return observed ?? { lease, at: clock.monotonicMs() };
  };
  const isTaken = ({ lease: { spec = {} }, at }: Observation): boolean => {
    if (!spec.holderIdentity || spec.holderIdentity === identity) return false;
    return clock.monotonicMs() < at + (spec.leaseDurationSeconds ?? durationSeconds) * 1_000;
  };
  const write = async (lease: Lease | undefined, timeoutMs: number): Promise<boolean> => {
    const started = clock.monotonicMs();
    const spec = heldSpec(lease?.spec, identity, durationSeconds, clock.now());
    const metadata = lease?.metadata ?? { namespace, name };
    const next: Lease = { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata, spec };
    own = undefined;
    own = lease === undefined ? await client.create(next, { timeoutMs }) : await client.replace(next, { timeoutMs });
    renewedAt = started;
    return true;
  };

  const readAndTake = async (timeoutMs: number): Promise<boolean> => {
    const lease = await client.find({ namespace, name }, { timeoutMs });
    if (lease !== undefined && isTaken(observe(lease))) return false;
    return unlessConflict(write(lease, timeoutMs));
  };

  return {
    takeOrRenew: async (timeoutMs) => {
      // On a conflict another client wrote it; it may still be ours.
      if (own !== undefined && (await unlessConflict(write(own, timeoutMs)))) return true;
      return readAndTake(timeoutMs);
    },
    release: async (timeoutMs) => {
      const lease = own ?? (await client.find({ namespace, name }, { timeoutMs }));
      if (lease?.spec?.holderIdentity !== identity) return;
      own = undefined;
      const { leaseTransitions = 0 } = lease.spec;
      const renewTime = toMicroTime(clock.now());
      await client.replace({ ...lease, spec: { leaseDurationSeconds: 1, renewTime, leaseTransitions } }, { timeoutMs });
    },
    renewedAt: () => renewedAt,
  };
}

async function unlessConflict(written: Promise<boolean>): Promise<boolean> {
  try {
    return await written;
  } catch (error) {
    if (error instanceof ApiError && error.retry.kind === 'conflict') return false;
    throw error;
  }
}

function heldSpec(before: LeaseSpec | undefined, identity: string, durationSeconds: number, now: Date): LeaseSpec {
  const time = toMicroTime(now);
  const renewed = before?.holderIdentity === identity;
  const transitions = before?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: durationSeconds,
    acquireTime: renewed ? (before.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: renewed || before === undefined ? transitions : transitions + 1,
  };
}
