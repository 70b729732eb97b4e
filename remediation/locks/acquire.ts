import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { GateAnswer } from '../gate.ts';

/** For which attempt something is acquired. */
export interface AcquireFacts {
  readonly remediation: AegisRemediation;
  /** Absent when it is gone. */
  readonly alert: AegisAlert | undefined;
}

/**
 * Something that an attempt holds while it acts, and that not everybody can hold at once: its target, a part of a budget.
 * Gates foretell from caches whether it can be had; only taking it decides.
 */
export interface Hold {
  /** Lower case with hyphens; for logs and metrics. */
  readonly name: string;
  /** Takes it, or answers why it cannot be had now. Whoever holds it already takes it again. Throws what may pass. */
  take(facts: AcquireFacts): Promise<GateAnswer>;
  /**
   * Lets go of it; does nothing when the attempt does not hold it.
   *
   * @param use `unused`: it is certain that the attempt did not act meanwhile
   */
  release(remediation: AegisRemediation, use: HoldUse): Promise<void>;
}

/** Whether an attempt may have acted while it held something. */
export type HoldUse = 'used' | 'unused';

/** Takes all in their order, or none. */
export async function takeAll(holds: readonly Hold[], facts: AcquireFacts): Promise<GateAnswer> {
  for (const [index, hold] of holds.entries()) {
    const answer = await hold.take(facts);
    if (answer === undefined) continue;
    await releaseAll(holds.slice(0, index), facts.remediation, 'unused');
    return answer;
  }
  return undefined;
}

/** Lets go of all, the last taken first. */
export async function releaseAll(
  holds: readonly Hold[],
  remediation: AegisRemediation,
  use: HoldUse = 'used',
): Promise<void> {
  for (const hold of holds.toReversed()) await hold.release(remediation, use);
}
