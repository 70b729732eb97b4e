import type { AegisAlert, AlertStatus } from '../../crds/alert.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { KubeObject } from '../../crds/object.ts';
import type { AegisRemediation, RemediationTarget } from '../../crds/remediation.ts';
import type { AttemptLimits } from '../../remediation/attempts/next.ts';

/** A cache of one kind, kept current by a watch. Objects are shared and never changed by readers. */
export interface ObjectCache<T extends KubeObject> {
  get(namespace: string, name: string): T | undefined;
  list(): readonly T[];
}

/** What the reconcile of alerts needs from its surroundings. */
export interface AlertPorts {
  alerts: ObjectCache<AegisAlert>;
  rules: ObjectCache<AegisAlertOpsRule>;
  templates: ObjectCache<AegisOpsTemplate>;
  /** The remediations of one episode, by the alert's uid. */
  remediationsOf(alertUid: string): readonly AegisRemediation[];
  planner: RemediationPlanner;
  /** The target's uid, empty when the cluster does not know such an object, and where it is, as far as that is known. */
  lookUp(target: RemediationTarget): Promise<Pick<RemediationTarget, 'uid' | 'node' | 'controlPlane'>>;
  /** What policies allow an episode, by what they say to this attempt of it; from the cache. */
  attemptLimits(attempt: AegisRemediation, alert: AegisAlert): AttemptLimits;
  /** Creates it unless it exists; `refused` when the API server will never take it. Throws what may pass. */
  createRemediation(remediation: AegisRemediation): Promise<{ created: boolean } | { refused: string }>;
  /** Writes the fields of the status that the worker owns, when they differ from the object's. */
  writeStatus(alert: AegisAlert, status: Partial<AlertStatus>): Promise<void>;
  /** Deletes this very object (by uid) with all that it owns. */
  deleteAlert(alert: AegisAlert): Promise<void>;
  events: EventRecorder;
  /** Puts on record that nothing is attempted, at least once. Absent: no audit is kept. */
  auditSkipped?: ((skipped: SkippedAlert) => void) | undefined;
  ruleUsage: RuleUsage;
  observeTrigger(status: string): void;
  now(): Date;
}

/** Turns an alert, its rule and the rule's template into an attempt; pure. */
export interface RemediationPlanner {
  plan(input: {
    alert: AegisAlert;
    rule: AegisAlertOpsRule;
    template: AegisOpsTemplate;
    attempt: number;
  }): { ok: true; remediation: AegisRemediation } | { ok: false; message: string };
}

/** An alert for which nothing is attempted, and why. */
export interface SkippedAlert {
  readonly alert: AegisAlert;
  /** The rule that matched, if one did. */
  readonly rule?: AegisAlertOpsRule | undefined;
  /** The trigger status. */
  readonly reason: string;
  readonly message: string;
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
