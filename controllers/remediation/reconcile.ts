import { workflowFinalizer } from '../../crds/labels.ts';
import { isTerminal } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { statusOf } from '../../remediation/attempts/status.ts';
import type { WorkflowDeadlines } from '../../remediation/attempts/workflow-outcome.ts';
import { auditEntry } from '../../remediation/audit/record.ts';
import { decideRemediation } from '../../remediation/decision/decide.ts';
import type { RemediationFacts } from '../../remediation/decision/facts.ts';
import type { RecordPlan, RemediationPlan } from '../../remediation/decision/remediation-plan.ts';
import { releaseAll } from '../../remediation/locks/acquire.ts';
import { recordPhaseEvents, recordReminder } from './events.ts';
import { findOut, gather, readCurrent, type RemediationKey } from './gather.ts';
import type { RemediationPorts } from './ports.ts';
import { submit } from './submit.ts';

/** How soon a cache that lacks an attempt is asked again; milliseconds. */
const cacheLagMs = 200;
/** More decisions than a run can need: each fact is read once. */
const maxDecisions = 16;

export interface ReconcileResult {
  requeueAfterMs?: number;
}

/** Further facts on which to decide again, or the result of the run. */
type Step = { next: RemediationFacts } | { done: ReconcileResult };

/**
 * Brings one attempt forward: through the gates, to its Workflow, and to its outcome. Decides on the facts that are
 * known, carries out the plan or finds out what the plan needs, and decides again.
 */
export async function reconcileRemediation(
  ports: RemediationPorts,
  { deadlines }: { deadlines: WorkflowDeadlines },
  key: RemediationKey,
): Promise<ReconcileResult> {
  const remediation = await readCurrent(ports, key);
  if (remediation === undefined) {
    await outlive(ports, key);
    return {};
  }
  let facts = await gather(ports, remediation, deadlines);
  for (let decisions = 0; decisions < maxDecisions; decisions += 1) {
    const step = await carryOut(ports, facts, decideRemediation(facts));
    if ('done' in step) return step.done;
    facts = step.next;
  }
  throw new Error(`${key.namespace}/${key.name}: no decision after ${maxDecisions} steps`);
}

async function carryOut(ports: RemediationPorts, facts: RemediationFacts, plan: RemediationPlan): Promise<Step> {
  switch (plan.action) {
    case 'need':
      if (plan.what === 'cache') return { done: { requeueAfterMs: cacheLagMs } };
      return { next: await findOut(ports, facts, plan.what) };
    case 'submit': {
      const next = await submit(ports, facts);
      return next === 'submitted' ? { done: {} } : { next };
    }
    case 'stop':
      if (facts.workflow !== undefined) await ports.terminate(facts.workflow);
      return { done: {} };
    case 'settled':
      await letGo(ports, facts);
      return { done: {} };
    case 'record':
      return recordStanding(ports, facts, plan);
  }
}

async function recordStanding(ports: RemediationPorts, facts: RemediationFacts, plan: RecordPlan): Promise<Step> {
  await write(ports, facts, plan);
  if (plan.decideAgain === true) return decideAgain(ports, facts);
  const { phase } = plan.standing;
  if (isTerminal(phase)) await letGo(ports, facts);
  else if (phase === 'Verifying') await release(ports, facts.workflow);
  if (plan.requeueAt === undefined) return { done: {} };
  return { done: { requeueAfterMs: Math.max(0, plan.requeueAt.getTime() - facts.now.getTime()) } };
}

/** An attempt that was just approved is decided again with current facts. */
async function decideAgain(ports: RemediationPorts, facts: RemediationFacts): Promise<Step> {
  const { namespace = '', name } = facts.remediation.metadata;
  const remediation = await ports.readRemediation(namespace, name);
  if (remediation !== undefined) return { next: await gather(ports, remediation, facts.deadlines) };
  await letGo(ports, facts);
  return { done: {} };
}

async function write(ports: RemediationPorts, facts: RemediationFacts, { standing, stop }: RecordPlan): Promise<void> {
  const { remediation, workflow } = facts;
  const { phase, reason, message } = standing;
  const changed = remediation.status?.phase !== phase || remediation.status.reason !== reason;
  // Ends and recoveries go on without the audit: to stop here would leave things half done.
  if (changed) ports.audit?.(auditEntry(facts, { decision: phase, reason, message }));
  if (stop && workflow !== undefined) await ports.terminate(workflow);
  const status = statusOf(remediation, standing, facts.now);
  await ports.writeStatus(remediation, status);
  recordReminder(ports, facts, standing);
  if (changed) recordPhaseEvents(ports, facts, standing, status);
}

/** Releases all that the attempt holds. Called after its outcome is on record, never before: others count on that. */
async function letGo(ports: RemediationPorts, { remediation, workflow }: RemediationFacts): Promise<void> {
  await releaseAll(ports.acquirables, remediation);
  await release(ports, workflow);
}

/** Takes the finalizer off the Workflow, whose outcome is on record. */
async function release(ports: RemediationPorts, workflow: Workflow | undefined): Promise<void> {
  if (workflow?.metadata.finalizers?.includes(workflowFinalizer) === true) await ports.release(workflow);
}

/**
 * Kubernetes deletes the Workflows of a deleted attempt in its own namespace; those in other namespaces are deleted
 * here.
 */
async function outlive(ports: RemediationPorts, { namespace, name }: RemediationKey): Promise<void> {
  for (const workflow of ports.workflowsNamedAfter(namespace, name)) {
    await release(ports, workflow);
    if (workflow.metadata.namespace !== namespace) await ports.remove(workflow);
  }
}
