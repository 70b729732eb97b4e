import type { AegisAlert } from '../crds/alert.ts';
import type { AttemptReason, GateReason } from '../crds/reasons.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import { effectivePolicy, type EffectivePolicy } from './policies/effective.ts';
import type { TargetFacts, ClusterView } from './cluster-view.ts';

/** Everything that a gate may look at. */
export interface GateFacts {
  remediation: AegisRemediation;
  alert: AegisAlert;
  /** The other attempts for the same alert. */
  siblings: readonly AegisRemediation[];
  /** Everything else; which of it concerns the attempt is for the gates to say. */
  cluster: ClusterView;
  /** What is acted upon. */
  target: TargetFacts;
  /** What all policies together ask of the attempt. */
  policy: EffectivePolicy;
  /** Whose approval does not count any more, and why; by user. Absent: nobody was asked about. */
  revoked?: ReadonlyMap<string, string> | undefined;
  now: Date;
}

/** Returns the facts with what the policies ask of the attempt, which many gates need: it is worked out once for all. */
export function withPolicy<T extends Omit<GateFacts, 'policy'>>(facts: T): T & Pick<GateFacts, 'policy'> {
  const { remediation, alert, target, cluster } = facts;
  return { ...facts, policy: effectivePolicy(cluster.policies(), { remediation, alert, target }) };
}

/** `undefined` lets the attempt pass. */
export type GateAnswer<Reason extends AttemptReason = GateReason> =
  | {
      /** What the attempt is meanwhile, or for ever. Default `Blocked`. */
      phase?: 'Blocked' | 'AwaitingApproval' | 'Rejected' | 'Expired' | 'Superseded';
      reason: Reason;
      message: string;
      until?: Date;
      /** What people are to be reminded of; a part of the message. */
      reminder?: string;
      /** When to look again before `until`. */
      again?: Date;
    }
  | undefined;

/** One reason why an attempt may have to wait; pure. What cannot be read must block. */
export interface Gate<Reason extends GateReason = GateReason> {
  /** Lower case with hyphens; names the gate in inspections and metrics. */
  name: string;
  /** Every reason with which the gate blocks. */
  reasons: readonly Reason[];
  ask(facts: GateFacts): GateAnswer<Reason>;
}
