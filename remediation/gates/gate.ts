import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';

/** Everything that a gate may look at. */
export interface GateFacts {
  remediation: AegisRemediation;
  alert: AegisAlert;
  /** The other attempts for the same alert. */
  siblings: readonly AegisRemediation[];
  now: Date;
}

/** `undefined` lets the attempt pass. */
export type GateAnswer = { reason: string; message: string; until?: Date } | undefined;

/** One reason why an attempt may have to wait; pure. What cannot be read must block. */
export interface Gate {
  /** Lower case with hyphens; names the gate in inspections and metrics. */
  name: string;
  ask(facts: GateFacts): GateAnswer;
}
