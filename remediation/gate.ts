import type { AegisAlert } from '../crds/alert.ts';
import type { AttemptReason, GateReason } from '../crds/reasons.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import { effectivePolicy, type EffectivePolicy } from './policies/effective.ts';
import type { TargetFacts, ClusterView } from './cluster-view.ts';

/** Everything that a gate may read. */
export interface GateFacts {
  remediation: AegisRemediation;
  alert: AegisAlert;
  /** The other attempts for the same alert. */
  siblings: readonly AegisRemediation[];
  /** Everything else; each gate selects what applies to the attempt. */
  cluster: ClusterView;
  /** The target of the attempt. */
  target: TargetFacts;
  /** The policies of the attempt, combined. */
  policy: EffectivePolicy;
  /** Users whose approval no longer counts, with the cause. Absent: no approver was reviewed. */
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
      /** The phase of the attempt meanwhile, or for good. Default `Blocked`. */
      phase?: 'Blocked' | 'AwaitingApproval' | 'Rejected' | 'Expired' | 'Superseded';
      reason: Reason;
      message: string;
      until?: Date;
      /** The text of a reminder; a part of the message. */
      reminder?: string;
      /** When to decide again before `until`. */
      again?: Date;
    }
  | undefined;

/** A condition for submission; pure. A gate that cannot read what it needs must block. */
export interface Gate<Reason extends GateReason = GateReason> {
  /** Lower case with hyphens; names the gate in inspections and metrics. */
  name: string;
  /** Every reason with which the gate blocks. */
  reasons: readonly Reason[];
  ask(facts: GateFacts): GateAnswer<Reason>;
}
