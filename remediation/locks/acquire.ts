import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { GateAnswer } from '../gate.ts';

/** For which attempt something is acquired. */
export interface AcquireFacts {
  readonly remediation: AegisRemediation;
  /** Absent when it is gone. */
  readonly alert: AegisAlert | undefined;
}

/** Whether an attempt may have acted while it held something. */
export type Use = 'used' | 'unused';

/**
 * Something exclusive that an attempt holds while it acts: the lock of its target, a part of a budget. Gates foretell from
 * caches whether it can be acquired; acquiring it decides.
 */
export interface Acquirable {
  /** Lower case with hyphens; for logs and metrics. */
  readonly name: string;
  /** Acquires it, also for an attempt that holds it already, or returns why it cannot be acquired now. Throws what may pass. */
  acquire(facts: AcquireFacts): Promise<GateAnswer>;
  /**
   * Releases it; does nothing when the attempt does not hold it.
   *
   * @param use `unused`: it is certain that the attempt did not act meanwhile
   */
  release(remediation: AegisRemediation, use: Use): Promise<void>;
}

/** Acquires all in their order, or none. */
export async function acquireAll(acquirables: readonly Acquirable[], facts: AcquireFacts): Promise<GateAnswer> {
  for (const [index, one] of acquirables.entries()) {
    const answer = await one.acquire(facts);
    if (answer === undefined) continue;
    await releaseAll(acquirables.slice(0, index), facts.remediation, 'unused');
    return answer;
  }
  return undefined;
}

/** Releases all, the last acquired first. */
export async function releaseAll(
  acquirables: readonly Acquirable[],
  remediation: AegisRemediation,
  use: Use = 'used',
): Promise<void> {
  for (const one of acquirables.toReversed()) await one.release(remediation, use);
}
