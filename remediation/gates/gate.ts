import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';

/** Everything that a gate may look at. */
export interface GateFacts {
  remediation: AegisRemediation;
  alert: AegisAlert;
  /** The other attempts for the same alert. */
  siblings: readonly AegisRemediation[];
  /** All there are; which of them concern the attempt is for the gates to say. */
  policies: readonly AegisRemediationPolicy[];
  now: Date;
}

/** `undefined` lets the attempt pass. */
export type GateAnswer =
  | {
      /** What the attempt is meanwhile, or for ever. Default `Blocked`. */
      phase?: 'Blocked' | 'AwaitingApproval' | 'Rejected' | 'Expired';
      reason: string;
      message: string;
      until?: Date;
    }
  | undefined;

/** One reason why an attempt may have to wait; pure. What cannot be read must block. */
export interface Gate {
  /** Lower case with hyphens; names the gate in inspections and metrics. */
  name: string;
  ask(facts: GateFacts): GateAnswer;
}
