import { workflowFinalizer } from '../../crds/labels.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { announcing } from './events.ts';
import { auditEntry } from '../../remediation/audit/record.ts';
import { isRecovery } from '../../remediation/attempts/history.ts';
import { decideRemediation, type RemediationFacts, type RemediationPlan } from '../../remediation/decision/decide.ts';
import type { RemediationPorts } from './ports.ts';
import { releaseAll } from '../../remediation/locks/acquire.ts';
import { lapsedApprovals } from './revoked-approvals.ts';
import { statusOf } from '../../remediation/attempts/status.ts';
import { belongsTo } from '../../remediation/attempts/submission.ts';
import { submitting } from './submit.ts';
import type { WorkflowDeadlines } from '../../remediation/attempts/workflow-outcome.ts';
import { cachedTarget } from '../../remediation/cluster-view.ts';

/** How soon a cache that is behind is asked again; milliseconds. */
const cacheLagMs = 200;

export interface RemediationKey {
  namespace: string;
  name: string;
}

/** What was decided, and by what. */
interface Decided {
  facts: RemediationFacts;
  plan: RemediationPlan;
}

/** Brings one attempt forward: gates, submission of its Workflow, and what came of it. */
export function remediationReconciler(ports: RemediationPorts, options: { deadlines: WorkflowDeadlines }) {
  const { deadlines } = options;
  const { submit, tried, withoutDoubt } = submitting(ports, options);
  const { observe, remind } = announcing(ports);

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
      target: cachedTarget(ports.world, remediation.spec.target),
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

  async function record(facts: RemediationFacts, plan: Extract<RemediationPlan, { action: 'record' }>): Promise<void> {
    const { remediation, workflow } = facts;
    const { phase, reason, message } = plan.standing;
    const changed = remediation.status?.phase !== phase || remediation.status.reason !== reason;
    // What ends or recovers goes on without the audit: to stop at it would leave things half done.
    if (changed) ports.audit?.(auditEntry(facts, { decision: phase, reason, message }));
    if (plan.stop && workflow !== undefined) await ports.terminate(workflow);
    const status = statusOf(remediation, plan.standing, facts.now);
    await ports.writeStatus(remediation, status);
    remind(facts, plan.standing);
    if (changed) observe(facts, plan.standing, status);
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
  async function admit(remediation: AegisRemediation): Promise<Decided> {
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

  /**
   * What waited may be about an object that is no more. Of nodes the cache tells; anything else is asked for at last. What
   * undoes an action is wanted all the same: an alert about a pod may be over because the pod is gone.
   */
  async function confirm(decided: Decided): Promise<Decided> {
    const { facts, plan } = decided;
    const { spec, status } = facts.remediation;
    const uid = spec.target?.uid ?? '';
    const mayHaveChanged = status?.phase !== undefined && uid !== '' && !facts.target.known;
    const isWanted = isRecovery(facts.remediation) || !mayHaveChanged;
    if (plan.action !== 'submit' || isWanted || spec.target === undefined) return decided;
    const certain = { ...facts, target: await ports.readTarget(spec.target) };
    return { facts: certain, plan: decideRemediation(certain) };
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
    const { facts, plan } = await confirm(await admit(remediation));
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

function requeue(plan: RemediationPlan, now: Date): { requeueAfterMs?: number } {
  if (plan.action !== 'record' || plan.requeueAt === undefined) return {};
  return { requeueAfterMs: Math.max(0, plan.requeueAt.getTime() - now.getTime()) };
}
