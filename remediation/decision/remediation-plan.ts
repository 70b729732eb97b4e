import type { AttemptReason } from '../../crds/reasons.ts';
import type { Standing } from '../attempts/status.ts';
import type { GateAnswer } from '../gate.ts';

/** What to do with an attempt. */
export type RemediationPlan =
  /** There is nothing to do. */
  | { action: 'settled' }
  /**
   * Nothing can be decided before a fact is read:
   *
   * - `target`: the target, from the API server
   * - `workflow`: the Workflow, from the API server
   * - `dryRun`: whether the API server would accept the Workflow
   * - `cache`: the cache has to receive the attempt
   */
  | { action: 'need'; what: 'target' | 'workflow' | 'dryRun' | 'cache' }
  /** Acquire what the attempt has to hold, and create the Workflow. */
  | { action: 'submit' }
  /** Stop the Workflow of an attempt that has ended: it was created after the decision against it. */
  | { action: 'stop' }
  | RecordPlan;

/** Record the standing of an attempt. */
export interface RecordPlan {
  action: 'record';
  standing: Standing;
  /** Stop the Workflow, which must no longer act. */
  stop: boolean;
  /** Decide again in the same run, on the attempt as it is then. */
  decideAgain?: true;
  requeueAt?: Date;
}

/** Returns the plan to record a standing. */
export function record(standing: Standing, requeueAt?: Date): RecordPlan {
  return { action: 'record', standing, stop: false, ...(requeueAt === undefined ? {} : { requeueAt }) };
}

/** Returns the plan for an attempt that a gate, or something that it has to hold, blocks. */
export function held(answer: NonNullable<GateAnswer<AttemptReason>>): RecordPlan {
  const { phase = 'Blocked', reason, message, until, reminder, again = until } = answer;
  return record(
    { phase, reason, message, ...(until && { blockedUntil: until }), ...(reminder && { reminder }) },
    again,
  );
}
