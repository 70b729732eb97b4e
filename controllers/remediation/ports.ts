import type { AegisAlert } from '../../crds/alert.ts';
import type { KubeObject } from '../../crds/object.ts';
import type { AegisRemediation, RemediationTarget } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import type { AuditEntry } from '../../remediation/audit/record.ts';
import type { Acquirable } from '../../remediation/locks/acquire.ts';
import type { Stages } from '../../remediation/attempts/stages.ts';
import type { OwnStatus } from '../../remediation/attempts/status.ts';
import type { TargetFacts, ClusterView } from '../../remediation/cluster-view.ts';

/** The result of creating a Workflow. */
export type SubmitResult =
  /** This call created it. */
  | { outcome: 'submitted' }
  /** It exists and belongs to this attempt. */
  | { outcome: 'found'; workflow: Workflow }
  /** Another Workflow has the name. */
  | { outcome: 'taken'; workflow: Workflow }
  /** The API server never accepts it as it is. */
  | { outcome: 'refused'; message: string }
  /** The API server does not accept it now: a permission, a namespace or Argo itself is missing. */
  | { outcome: 'unavailable'; message: string };

/** A user who approved, as recorded. */
export interface Approver {
  readonly user: string;
  readonly groups: readonly string[];
}

/** The ports of the reconcile of remediations. */
export interface RemediationPorts {
  /** From the cache. */
  remediation(namespace: string, name: string): AegisRemediation | undefined;
  /** From the API server itself: nothing is submitted from the state of a cache. */
  readRemediation(namespace: string, name: string): Promise<AegisRemediation | undefined>;
  /** From the cache, else from the API server, so that "gone" is certain. */
  alertOf(remediation: AegisRemediation): Promise<AegisAlert | undefined>;
  /** The other episodes of an alert, from the cache. */
  episodesOf(alert: AegisAlert): readonly AegisAlert[];
  /** The other attempts for the same alert, from the cache. */
  siblingsOf(remediation: AegisRemediation): readonly AegisRemediation[];
  /** From the caches. */
  cluster: ClusterView;
  /** Reads the target from the API server itself; without labels. Throws transient errors. */
  readTarget(target: RemediationTarget): Promise<TargetFacts>;
  /** Returns why an approver no longer has the right to approve, from the API server; undefined = the right exists. */
  whyMayNotApprove(remediation: AegisRemediation, approver: Approver): Promise<string | undefined>;
  /** From the cache. */
  workflow(namespace: string, name: string): Workflow | undefined;
  /** From the API server itself. */
  readWorkflow(namespace: string, name: string): Promise<Workflow | undefined>;
  /** Workflows that Aegis made for a remediation of this name, wherever they run; from the cache. */
  workflowsNamedAfter(namespace: string, name: string): readonly Workflow[];
  /**
   * The resources that an attempt acquires before its Workflow is created and holds until it has ended, in this order.
   */
  acquirables: readonly Acquirable[];
  /** Creates it; reads the existing one after a conflict. Throws transient errors. */
  submit(remediation: AegisRemediation, workflow: Workflow): Promise<SubmitResult>;
  /** Returns why the API server would reject a Workflow, by a dry run; undefined = it would accept it. */
  tryWorkflow(workflow: Workflow): Promise<{ refused: boolean; message: string } | undefined>;
  /** Asks Argo to end a Workflow that must not act any more. */
  terminate(workflow: Workflow): Promise<void>;
  /** Takes the finalizer off a Workflow whose outcome is recorded, so that Kubernetes can delete it. */
  release(workflow: Workflow): Promise<void>;
  /** Deletes this very Workflow (by uid). */
  remove(workflow: Workflow): Promise<void>;
  /** Writes the worker's own fields, if the attempt is still as it was read. */
  writeStatus(remediation: AegisRemediation, status: OwnStatus): Promise<void>;
  events: {
    record(regarding: KubeObject, event: { type: 'Normal' | 'Warning'; reason: string; note: string }): void;
  };
  /**
   * Writes a decision to the audit record before it is carried out; at least once. Absent: no audit is kept.
   *
   * @returns why that is not possible now; undefined = it is written
   */
  audit?: ((entry: AuditEntry) => string | undefined) | undefined;
  /** Called once for each change of phase that was written. */
  observePhase(change: { remediation: AegisRemediation; from: string; to: string; reason: string }): void;
  /** Called once for each attempt of a rule that acted, when it is over. */
  observeStages(stages: Stages): void;
  now(): Date;
}
