import { workflowFinalizer } from '../../crds/labels.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation, RemediationStatus } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { Workflow, WorkflowPhase } from '../../crds/workflow.ts';
import type { Acquirable } from '../../remediation/locks/acquire.ts';
import type { Stages } from '../../remediation/attempts/stages.ts';
import type { RemediationPorts, SubmitResult } from '../../controllers/remediation/ports.ts';
import type { OwnStatus } from '../../remediation/attempts/status.ts';
import type { NodeFacts, TargetFacts, ClusterView } from '../../remediation/cluster-view.ts';
import { aCluster } from '../builders/cluster.ts';
import { belongsTo } from '../../remediation/attempts/submission.ts';

/** Thrown where a worker is killed. */
export class Killed extends Error {}

/**
 * An API server in memory for one attempt, with the rules that matter here: names are unique, a Workflow with a finalizer
 * outlives its deletion, a status is refused when its writer had read an older one. Caches may be left behind, and the
 * worker can be killed before or after each effect.
 */
export class RemediationCluster {
  now = new Date('2026-01-02T12:00:00Z');
  alert: AegisAlert | undefined;
  remediation: AegisRemediation | undefined;
  workflow: Workflow | undefined;
  siblings: AegisRemediation[] = [];
  /** The other episodes of the alert. */
  episodes: AegisAlert[] = [];
  nodes: NodeFacts[] = [];
  /** The answer of the API server about a target that is no node. */
  target: TargetFacts = { known: false };
  policies: AegisRemediationPolicy[] = [];
  acquirables: Acquirable[] = [];
  audit: RemediationPorts['audit'];
  /** Attempts for other alerts. */
  others: AegisRemediation[] = [];
  /** Users who may not approve any more. */
  revoked = new Set<string>();
  /** Stale content of the caches; `undefined` = the current state. */
  stale: { remediation?: AegisRemediation; noRemediations?: boolean; noWorkflows?: boolean } = {};
  /** The number of created Workflows, and the other actions. */
  created = 0;
  terminated = 0;
  events: string[] = [];
  phases: string[] = [];
  stages: Stages[] = [];
  /** The answer of the API server to the Workflow of a dry run; undefined = accepted. */
  refusal: { refused: boolean; message: string } | undefined;
  submitAnswer: SubmitResult | undefined;
  /** Thrown instead of an answer; the Workflow is made all the same when `silently`. */
  submitFails: { error: Error; silently: boolean } | undefined;
  #killAt = Number.POSITIVE_INFINITY;
  #step = 0;
  #dead = false;
  #version = 0;

  constructor(alert: AegisAlert, remediation: AegisRemediation) {
    this.alert = alert;
    this.remediation = remediation;
  }

  /** Kills the worker at the n-th point from now; each effect has one before it and one after it. */
  killAt(point: number): void {
    this.#killAt = this.#step + point;
  }

  /** Sets the phase of the Workflow, as Argo does. */
  run(phase: WorkflowPhase, message = ''): void {
    if (this.workflow !== undefined) this.workflow = { ...this.workflow, status: { phase, message } };
  }

  /** Deletes the Workflow, as Argo or a user does. */
  deleteWorkflow(): void {
    if (this.workflow === undefined) return;
    const metadata = { ...this.workflow.metadata, deletionTimestamp: this.now.toISOString() };
    this.workflow =
      metadata.finalizers?.includes(workflowFinalizer) === true ? { ...this.workflow, metadata } : undefined;
  }

  #effect<T>(act: () => T): Promise<T> {
    this.#point();
    const result = act();
    this.#point();
    return Promise.resolve(result);
  }

  #point(): void {
    this.#step += 1;
    if (this.#step === this.#killAt) this.#dead = true;
    // A killed process does nothing more, however it handles the error.
    if (this.#dead) throw new Killed();
  }

  /** Of a new worker. */
  ports(): RemediationPorts {
    this.#dead = false;
    return {
      remediation: () =>
        this.stale.noRemediations === true ? undefined : (this.stale.remediation ?? this.remediation),
      readRemediation: () => this.#effect(() => this.remediation),
      alertOf: () => Promise.resolve(this.alert),
      episodesOf: () => this.episodes,
      siblingsOf: () => (this.stale.noRemediations === true ? [] : this.siblings),
      cluster: this.#seen(),
      readTarget: () => Promise.resolve(this.target),
      whyMayNotApprove: (_, { user }) => Promise.resolve(this.revoked.has(user) ? 'may not any more' : undefined),
      workflow: () => (this.stale.noWorkflows === true ? undefined : this.workflow),
      readWorkflow: () => this.#effect(() => this.workflow),
      workflowsNamedAfter: () =>
        this.workflow === undefined || this.stale.noWorkflows === true ? [] : [this.workflow],
      acquirables: this.acquirables,
      audit: this.audit,
      submit: (remediation, workflow) => this.#effect(() => this.#submit(remediation, workflow)),
      terminate: () => this.#effect(() => void (this.terminated += 1)),
      release: () =>
        this.#effect(() => {
          this.#release();
        }),
      remove: () =>
        this.#effect(() => {
          this.deleteWorkflow();
        }),
      writeStatus: (remediation, status) =>
        this.#effect(() => {
          this.#write(remediation, status);
        }),
      events: { record: (_, { reason }) => void this.events.push(reason) },
      tryWorkflow: () => Promise.resolve(this.refusal),
      observePhase: ({ to }) => void this.phases.push(to),
      observeStages: (stages) => void this.stages.push(stages),
      now: () => this.now,
    };
  }

  #seen(): ClusterView {
    return aCluster({ policies: this.policies, attempts: this.others, nodes: this.nodes });
  }

  #submit(remediation: AegisRemediation, workflow: Workflow): SubmitResult {
    if (this.submitAnswer !== undefined) return this.submitAnswer;
    if (this.submitFails?.silently === false) throw this.submitFails.error;
    if (this.workflow === undefined) {
      this.make(workflow);
      if (this.submitFails !== undefined) throw this.submitFails.error;
      return { outcome: 'submitted' };
    }
    const outcome = belongsTo(this.workflow, remediation) ? 'found' : 'taken';
    return { outcome, workflow: this.workflow };
  }

  /** A Workflow comes into being. */
  make(workflow: Workflow): void {
    this.created += 1;
    const given = { uid: `workflow-${this.created}`, creationTimestamp: this.now.toISOString() };
    this.workflow = { ...workflow, metadata: { ...workflow.metadata, ...given } };
  }

  #release(): void {
    if (this.workflow === undefined) return;
    const { deletionTimestamp } = this.workflow.metadata;
    const metadata = { ...this.workflow.metadata, finalizers: [] };
    this.workflow = deletionTimestamp === undefined ? { ...this.workflow, metadata } : undefined;
  }

  /** Writes the status that the aggregated API writes for users. */
  say(status: Pick<RemediationStatus, 'approvals' | 'cancellation'>): void {
    if (this.remediation !== undefined) this.#store(this.remediation, { ...this.remediation.status, ...status });
  }

  #write(read: AegisRemediation, status: OwnStatus): void {
    if (this.remediation?.metadata.resourceVersion !== read.metadata.resourceVersion) throw new Error('conflict');
    const { approvals, cancellation } = read.status ?? {};
    const said = { ...(approvals && { approvals }), ...(cancellation && { cancellation }) };
    this.#store(read, { ...said, ...status });
  }

  #store(read: AegisRemediation, status: RemediationStatus): void {
    this.#version += 1;
    const metadata = { ...read.metadata, resourceVersion: String(this.#version) };
    this.remediation = { ...read, metadata, status };
  }
}
