import type { AegisAlert, AlertStatus } from '../../crds/alert.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { KubeObject } from '../../crds/object.ts';
import type { ObjectCache } from '../../crds/object-cache.ts';
import type { AegisRemediation, RemediationTarget } from '../../crds/remediation.ts';
import type { RulePlanner } from '../../remediation/planning/plan.ts';
import type { SkippedAlert } from '../../remediation/audit/record.ts';
import type { Matching } from '../../rules/match.ts';
import type { AttemptLimits } from '../../remediation/policies/attempt-limits.ts';

/** The ports of the reconcile of alerts. */
export interface AlertPorts {
  alerts: Pick<ObjectCache<AegisAlert>, 'get' | 'list'>;
  /** Finds the rule that acts on an alert. */
  match(alert: AegisAlert): Matching;
  templates: Pick<ObjectCache<AegisOpsTemplate>, 'get' | 'list'>;
  /** The remediations of one episode, by the alert's uid. */
  remediationsOf(alertUid: string): readonly AegisRemediation[];
  plan: RulePlanner;
  /** Returns the target's uid, empty when the cluster has no such object, and its node, as far as that is known. */
  lookUp(target: RemediationTarget): Promise<Pick<RemediationTarget, 'uid' | 'node' | 'controlPlane'>>;
  /** Returns the limits that policies set for the episode of this attempt; from the cache. */
  attemptLimits(attempt: AegisRemediation, alert: AegisAlert): AttemptLimits;
  /** Creates it unless it exists; `refused` when the API server will never take it. Throws what may pass. */
  createRemediation(remediation: AegisRemediation): Promise<{ created: boolean } | { refused: string }>;
  /** Writes the fields of the status that the worker owns, when they differ from the object's. */
  writeStatus(alert: AegisAlert, status: Partial<AlertStatus>): Promise<void>;
  /** Deletes this very object (by uid) with all that it owns. */
  deleteAlert(alert: AegisAlert): Promise<void>;
  events: EventRecorder;
  /** Writes to the audit record that nothing is attempted, at least once. Absent: no audit is kept. */
  auditSkipped?: ((skipped: SkippedAlert) => void) | undefined;
  ruleUsage: RuleUsage;
  observeTrigger(status: string): void;
  now(): Date;
}

/** Kubernetes events about an object; never fails and never waits. */
export interface EventRecorder {
  record(regarding: KubeObject, event: { type: 'Normal' | 'Warning'; reason: string; note: string }): void;
}

/** Counts for the status of rules. */
export interface RuleUsage {
  matched(rule: AegisAlertOpsRule, at: Date): void;
  triggered(rule: AegisAlertOpsRule): void;
}
