import type { measureReads } from './reads.ts';

type Reads = Awaited<ReturnType<typeof measureReads>>;

/** Returns the missed limits. They hold on any machine: timeouts of Kubernetes for discovery and webhooks, memory for 10,000 alerts. */
export function missedLimits({ discovery, admission, residentMiB }: Reads): string[] {
  return [
    atMost('discovery, p99 in ms', discovery.quiet.p99Ms, 50),
    atMost('discovery beside large bodies, p99 in ms', discovery.besideLargeBodies.p99Ms, 50),
    atMost('a webhook, p99 in ms', admission.ownP99AtMostMs, 100),
    atMost('resident with 10,000 alerts in MiB', residentMiB.filled, 200),
  ].flat();
}

/** A figure that is not there is too much. */
function atMost(what: string, measured: number | undefined, limit: number): string[] {
  return measured !== undefined && measured <= limit ? [] : [`${what}: ${measured}, more than ${limit}`];
}
