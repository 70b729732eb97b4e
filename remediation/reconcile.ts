import { workflowFinalizer } from '../crds/labels.ts';
import { isTerminal, type AegisRemediation, type RemediationPhase } from '../crds/remediation.ts';
import type { Workflow } from '../crds/workflow.ts';
import { auditEntry, type AuditDecision } from './audit/record.ts';
import { decideRemediation, held, workflowRefOf, type RemediationFacts, type RemediationPlan } from './decide.ts';
import { isRecovery } from './gates/attempts.ts';
import type { RemediationPorts, SubmitResult } from './ports.ts';
import { releaseAll, takeAll } from './holds.ts';
import { stagesOf } from './stages.ts';
import { lapsedApprovals } from './lapsed-approvals.ts';
import { refused } from './rehearsal.ts';
import { statusOf, type OwnStatus, type Standing } from './status.ts';
import { belongsTo, submissionOf } from './submission.ts';
import type { WorkflowDeadlines } from './workflow-outcome.ts';

/** How soon a submission that is not possible now is tried again; milliseconds, growing with its age. */
const retry = { least: 5_000, most: 60_000 };

/** How soon a cache that is behind is asked again; milliseconds. */
const cacheLagMs = 200;

/** For how long the queue alone repeats a submission that got no clear answer; then the attempt says so. Milliseconds. */
const quietRetryMs = 60_000;

/** What people wait for or are waited for; what runs is seen by its Workflow, and each event is a write. */
const announced: ReadonlySet<RemediationPhase> = new Set(['Blocked', 'AwaitingApproval', 'Approved']);

/** Ends that people should look at. */
const warnings: ReadonlySet<RemediationPhase> = new Set(['Failed', 'Expired', 'Ineffective', 'Inconclusive']);

export interface RemediationKey {
  namespace: string;
  name: string;
}

/** Brings one attempt forward: gates, submission of its Workflow, and what came of it. */
export function remediationReconciler(ports: RemediationPorts, options: { deadlines: WorkflowDeadlines }) {
  const { deadlines } = options;

  /** A cache may be behind; what may still be submitted is read from the API server itself. */
  async function readCurrent({ namespace, name }: RemediationKey): Promise<AegisRemediation | undefined> {
    const cached = ports.remediation(namespace, name);
    return cached !== undefined && isSubmitted(cached) ? cached : ports.readRemediation(namespace, name);
  }

  function isSubmitted(remediation: AegisRemediation): boolean {
    const { workflowRef, phase } = remediation.status ?? {};
    return workflowRef !== undefined || isTerminal(phase) || ownWorkflow(remediation) !== undefined;
  }

  /** A cache hears of attempts in their order: one that does not know this one may not know those before it either. */
  function isCached({ metadata: { namespace = '', name, uid } }: AegisRemediation): boolean {
    return ports.remediation(namespace, name)?.metadata.uid === uid;
  }

  async function gather(remediation: AegisRemediation): Promise<RemediationFacts> {
    const alert = await ports.alertOf(remediation);
    return {
      remediation,
      alert,
      episodes: alert === undefined ? [] : ports.episodesOf(alert),
      siblings: ports.siblingsOf(remediation),
      world: ports.world,
      target: await ports.target(remediation),
      lapsed: isSubmitted(remediation) ? undefined : await lapsedApprovals(ports, remediation),
      workflow: await findWorkflow(remediation),
      deadlines,
      now: ports.now(),
    };
  }

  async function findWorkflow(remediation: AegisRemediation): Promise<Workflow | undefined> {
    const ref = remediation.status?.workflowRef;
    if (ref === undefined) return ownWorkflow(remediation);
    const cached = ports.workflow(ref.namespace, ref.name);
    // What came of it is on record while it is verified; by then it may be gone.
    const isNeeded = remediation.status?.phase !== 'Verifying';
    const found = cached ?? (isNeeded ? await ports.readWorkflow(ref.namespace, ref.name) : undefined);
    return found !== undefined && belongsTo(found, remediation) ? found : undefined;
  }

  /** The Workflow that was created and is not on record yet. */
  function ownWorkflow(remediation: AegisRemediation): Workflow | undefined {
    const { namespace, name } = remediation.metadata;
    return ports.workflowsNamedAfter(namespace ?? '', name).find((workflow) => belongsTo(workflow, remediation));
  }

  /** What was made here is put on record when it shows in the watch: others may be more urgent than that. */
  async function submit(facts: RemediationFacts): Promise<RemediationPlan> {
    const submission = submissionOf(facts.remediation);
    if (!submission.ok) return failed('ManifestCorrupt', submission.message);
    const refusal = await takeAll(ports.holds, facts);
    if (refusal !== undefined) return held(refusal);
    const unaudited = audit(facts, {
      decision: 'Submitting',
      reason: 'GatesPassed',
      message: 'the Workflow is created',
    });
    // What undoes an action is an end, too.
    if (unaudited !== undefined && !isRecovery(facts.remediation)) return unheard(await withoutDoubt(facts), unaudited);
    const result = await trySubmit(facts, submission.workflow);
    if (result.outcome === 'submitted') return { action: 'settled' };
    if (result.outcome === 'found') return decideRemediation({ ...facts, workflow: result.workflow });
    // It may have been made all the same: then it acts, and what it holds stays its own.
    if (result.outcome === 'unclear') return notSubmitted(await withoutDoubt(facts), result);
    await releaseAll(ports.holds, facts.remediation, 'unused');
    return notSubmitted(facts, result);
  }

  function audit(facts: RemediationFacts, what: { decision: AuditDecision; reason: string; message: string }) {
    return ports.audit?.(auditEntry(facts, what));
  }

  /** Nothing acts that is not on record. An earlier try may have made the Workflow: then that one is followed. */
  async function unheard(certain: RemediationFacts, why: string): Promise<RemediationPlan> {
    if (certain.workflow !== undefined) return decideRemediation(certain);
    await releaseAll(ports.holds, certain.remediation, 'unused');
    const again = new Date(certain.now.getTime() + retry.most);
    return held({ reason: 'AuditUnavailable', message: `the audit record cannot be written: ${why}`, again });
  }

  /** The queue repeats what fails, soon and for a while; an attempt for which that goes on has to come to an end. */
  async function trySubmit(
    { remediation, now }: RemediationFacts,
    workflow: Workflow,
  ): Promise<SubmitResult | { outcome: 'unclear'; message: string }> {
    try {
      return await ports.submit(remediation, workflow);
    } catch (error) {
      const since = remediation.status?.timeline?.at(-1)?.time ?? remediation.metadata.creationTimestamp;
      if (now.getTime() - Date.parse(since ?? now.toISOString()) < quietRetryMs) throw error;
      return { outcome: 'unclear', message: error instanceof Error ? error.message : String(error) };
    }
  }

  function notSubmitted(
    facts: RemediationFacts,
    result: Exclude<Awaited<ReturnType<typeof trySubmit>>, { outcome: 'submitted' | 'found' }>,
  ): RemediationPlan {
    if (facts.workflow !== undefined) return decideRemediation(facts);
    switch (result.outcome) {
      case 'taken': {
        const { namespace, name } = workflowRefOf(result.workflow);
        return failed('NameTaken', `another Workflow has the name ${namespace}/${name}`);
      }
      case 'refused':
        return failed('WorkflowRefused', `the API server refuses the Workflow: ${result.message}`);
      case 'unclear':
      case 'unavailable': {
        const { remediation, now } = facts;
        const age = now.getTime() - tryingSince(remediation, now);
        const message = `the Workflow cannot be created: ${result.message}`;
        if (age >= deadlines.start) return failed('SubmitFailed', message);
        const requeueAt = new Date(now.getTime() + Math.min(Math.max(age, retry.least), retry.most));
        // What was approved stays so: nobody is asked again for a permission that is missing.
        const phase = remediation.status?.phase === 'Approved' ? 'Approved' : 'Pending';
        return { action: 'record', standing: { phase, reason: 'SubmitFailed', message }, stop: false, requeueAt };
      }
    }
  }

  /** The facts with the Workflow that no cache shows, if there is one: ended without one is only what has none. */
  async function withoutDoubt(facts: RemediationFacts): Promise<RemediationFacts> {
    const submission = submissionOf(facts.remediation);
    if (!submission.ok) return facts;
    const { namespace, name } = submission.workflow.metadata;
    const workflow = await ports.readWorkflow(namespace ?? '', name);
    return workflow !== undefined && belongsTo(workflow, facts.remediation) ? { ...facts, workflow } : facts;
  }

  async function record(facts: RemediationFacts, plan: Extract<RemediationPlan, { action: 'record' }>): Promise<void> {
    const { remediation, workflow } = facts;
    const { phase, reason, message } = plan.standing;
    const changed = remediation.status?.phase !== phase || remediation.status.reason !== reason;
    // What ends or recovers goes on without the audit: to stop at it would leave things half done.
    if (changed) audit(facts, { decision: phase, reason, message });
    if (plan.stop && workflow !== undefined) await ports.terminate(workflow);
    const status = statusOf(remediation, plan.standing, facts.now);
    await ports.writeStatus(remediation, status);
    remind(facts, plan.standing);
    if (changed) observe(facts, plan.standing, status);
  }

  /** Tells what has just been written. */
  function observe(facts: RemediationFacts, standing: Standing, status: OwnStatus): void {
    const { remediation } = facts;
    const { phase, reason } = standing;
    const before = remediation.status?.phase;
    const entered = before !== phase;
    if (entered) ports.observePhase({ remediation, from: before ?? 'Pending', to: phase, reason });
    if (entered && isTerminal(phase)) observeStages({ ...remediation, status }, facts);
    if (announced.has(phase) || (entered && isTerminal(phase))) announce(facts, standing);
  }

  function announce({ remediation, alert }: RemediationFacts, { phase, message }: Standing): void {
    const type = warnings.has(phase) ? 'Warning' : 'Normal';
    const note = `${remediation.metadata.name}: ${message}`;
    ports.events.record(alert ?? remediation, { type, reason: `Remediation${phase}`, note });
  }

  /** Once for each reminder: what was said before is on record. */
  function remind({ remediation, alert }: RemediationFacts, { reminder, message }: Standing): void {
    if (reminder === undefined || remediation.status?.message?.includes(reminder) === true) return;
    const note = `${remediation.metadata.name}: ${message}`;
    ports.events.record(alert ?? remediation, { type: 'Warning', reason: 'ApprovalReminder', note });
  }

  /** Where the time went; what people start has its own pace. */
  function observeStages(ended: AegisRemediation, { alert, now }: RemediationFacts): void {
    const { spec, status } = ended;
    if (status?.startTime === undefined || spec.requestedBy.via !== 'rule') return;
    ports.observeStages(stagesOf(ended, alert, now));
  }

  /** After the outcome is on record, never before: what follows may count on it. */
  async function letGo({ remediation, workflow }: RemediationFacts): Promise<void> {
    await releaseAll(ports.holds, remediation);
    await release(workflow);
  }

  /** Once the outcome is on record, nothing of ours keeps the Workflow from being deleted. */
  async function release(workflow: Workflow | undefined): Promise<void> {
    if (workflow?.metadata.finalizers?.includes(workflowFinalizer) === true) await ports.release(workflow);
  }

  /** Kubernetes deletes what an attempt owned, which can only be in its own namespace; the rest is for us. */
  async function outlive({ namespace }: RemediationKey, workflow: Workflow): Promise<void> {
    await release(workflow);
    if (workflow.metadata.namespace !== namespace) await ports.remove(workflow);
  }

  /** An approval is put on record first; then what was approved is judged by things as they are now. */
  async function admit(remediation: AegisRemediation): Promise<{ facts: RemediationFacts; plan: RemediationPlan }> {
    const facts = await gather(remediation);
    const plan = decideRemediation(facts);
    if (plan.action !== 'record' || plan.standing.phase !== 'Approved') return { facts, plan };
    await record(facts, plan);
    const { namespace = '', name } = remediation.metadata;
    const approved = await ports.readRemediation(namespace, name);
    if (approved === undefined) return { facts, plan: { action: 'settled' } };
    const present = await gather(approved);
    return { facts: present, plan: decideRemediation(present) };
  }

  /** Of a dry run the API server has the last word: it is asked whether it would take the Workflow. */
  async function tried({ remediation }: RemediationFacts, plan: RemediationPlan): Promise<RemediationPlan> {
    if (plan.action !== 'record' || plan.standing.phase !== 'DryRun') return plan;
    const submission = submissionOf(remediation);
    const refusal = submission.ok ? await ports.tryWorkflow(submission.workflow) : submission;
    return refusal === undefined ? plan : { ...plan, standing: refused(plan.standing, refusal.message) };
  }

  async function act(facts: RemediationFacts, plan: RemediationPlan): Promise<RemediationPlan> {
    const next = plan.action === 'submit' ? await submit(facts) : await tried(facts, plan);
    if (next.action === 'stop' && facts.workflow !== undefined) await ports.terminate(facts.workflow);
    if (next.action === 'record') await record(facts, next);
    const isOver =
      (next.action === 'settled' && plan.action !== 'submit') ||
      (next.action === 'record' && isTerminal(next.standing.phase));
    if (isOver) await letGo(facts);
    else if (next.action === 'record' && next.standing.phase === 'Verifying') await release(facts.workflow);
    return next;
  }

  return async function reconcileRemediation(key: RemediationKey): Promise<{ requeueAfterMs?: number }> {
    const remediation = await readCurrent(key);
    if (remediation === undefined) {
      for (const workflow of ports.workflowsNamedAfter(key.namespace, key.name)) await outlive(key, workflow);
      return {};
    }
    const { facts, plan } = await admit(remediation);
    if (plan.action === 'submit' && !isCached(remediation)) return { requeueAfterMs: cacheLagMs };
    if (!endsUnsubmitted(facts, plan)) return requeue(await act(facts, plan), facts.now);
    const certain = await withoutDoubt(facts);
    return requeue(await act(certain, decideRemediation(certain)), facts.now);
  };
}

/** Ends, or takes an approval back, without a Workflow that is known. A dry run never makes one. */
function endsUnsubmitted({ remediation, workflow }: RemediationFacts, plan: RemediationPlan): boolean {
  if (plan.action !== 'record') return false;
  const { phase } = plan.standing;
  const { workflowRef, phase: before } = remediation.status ?? {};
  if (workflow !== undefined || workflowRef !== undefined) return false;
  return (
    phase === 'Cancelled' ||
    phase === 'Rejected' ||
    phase === 'Expired' ||
    phase === 'Superseded' ||
    (before === 'Approved' && (phase === 'Blocked' || phase === 'AwaitingApproval'))
  );
}

/** When the submission failed for the first time; milliseconds since 1970. */
function tryingSince({ status }: AegisRemediation, now: Date): number {
  const { reason, time } = status?.timeline?.at(-1) ?? {};
  return reason === 'SubmitFailed' && time !== undefined ? Date.parse(time) : now.getTime();
}

function requeue(plan: RemediationPlan, now: Date): { requeueAfterMs?: number } {
  if (plan.action !== 'record' || plan.requeueAt === undefined) return {};
  return { requeueAfterMs: Math.max(0, plan.requeueAt.getTime() - now.getTime()) };
}

function failed(reason: string, message: string): RemediationPlan {
  const standing: Standing = { phase: 'Failed', reason, message };
  return { action: 'record', standing, stop: false };
}
