import type { SubmissionReason } from '../../crds/reasons.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { auditEntry } from '../../remediation/audit/record.ts';
import {
  decideRemediation,
  held,
  workflowRefOf,
  type RemediationFacts,
  type RemediationPlan,
} from '../../remediation/decision/decide.ts';
import { isRecovery } from '../../remediation/attempts/history.ts';
import { releaseAll, takeAll } from '../../remediation/locks/acquire.ts';
import type { RemediationPorts, SubmitResult } from './ports.ts';
import { refused } from '../../remediation/decision/dry-run.ts';
import type { Standing } from '../../remediation/attempts/status.ts';
import { belongsTo, submissionOf, submitFailed } from '../../remediation/attempts/submission.ts';
import type { WorkflowDeadlines } from '../../remediation/attempts/workflow-outcome.ts';

/** How soon a submission that is not possible now is tried again; milliseconds, growing with its age. */
const retry = { least: 5_000, most: 60_000 };

/** For how long the queue alone repeats a submission that got no clear answer; then the attempt says so. Milliseconds. */
const quietRetryMs = 60_000;

/** How an attempt comes to its Workflow, which exists once whatever happens on the way. */
export function submitting(ports: RemediationPorts, { deadlines }: { deadlines: WorkflowDeadlines }) {
  /** What was made here is put on record when it shows in the watch: others may be more urgent than that. */
  async function submit(facts: RemediationFacts): Promise<RemediationPlan> {
    const submission = submissionOf(facts.remediation);
    if (!submission.ok) return failed('ManifestCorrupt', submission.message);
    const refusal = await takeAll(ports.holds, facts);
    if (refusal !== undefined) return held(refusal);
    const decision = { decision: 'Submitting', reason: 'GatesPassed', message: 'the Workflow is created' } as const;
    const unaudited = ports.audit?.(auditEntry(facts, decision));
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
        if (age >= deadlines.start) return failed(submitFailed, message);
        const requeueAt = new Date(now.getTime() + Math.min(Math.max(age, retry.least), retry.most));
        // What was approved stays so: nobody is asked again for a permission that is missing.
        const phase = remediation.status?.phase === 'Approved' ? 'Approved' : 'Pending';
        return { action: 'record', standing: { phase, reason: submitFailed, message }, stop: false, requeueAt };
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

  /** Of a dry run the API server has the last word: it is asked whether it would take the Workflow. */
  async function tried({ remediation }: RemediationFacts, plan: RemediationPlan): Promise<RemediationPlan> {
    if (plan.action !== 'record' || plan.standing.phase !== 'DryRun') return plan;
    const submission = submissionOf(remediation);
    const refusal = submission.ok ? await ports.tryWorkflow(submission.workflow) : submission;
    return refusal === undefined ? plan : { ...plan, standing: refused(plan.standing, refusal.message) };
  }

  return { submit, tried, withoutDoubt };
}

/** When the submission failed for the first time; milliseconds since 1970. */
function tryingSince({ status }: AegisRemediation, now: Date): number {
  const { reason, time } = status?.timeline?.at(-1) ?? {};
  return reason === submitFailed && time !== undefined ? Date.parse(time) : now.getTime();
}

function failed(reason: SubmissionReason, message: string): RemediationPlan {
  const standing: Standing = { phase: 'Failed', reason, message };
  return { action: 'record', standing, stop: false };
}
