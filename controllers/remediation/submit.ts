import type { Workflow } from '../../crds/workflow.ts';
import { isRecovery } from '../../remediation/attempts/history.ts';
import { workflowToSubmit } from '../../remediation/attempts/submission.ts';
import { auditEntry } from '../../remediation/audit/record.ts';
import type { FailedSubmission, RemediationFacts } from '../../remediation/decision/facts.ts';
import { releaseAll, acquireAll } from '../../remediation/locks/acquire.ts';
import { withoutDoubt } from './gather.ts';
import type { RemediationPorts, SubmitResult } from './ports.ts';

/** For how long the queue alone repeats a submission that got no clear answer; then the attempt shows it. Milliseconds. */
const quietRetryMs = 60_000;

/**
 * Acquires what the attempt has to hold, records the decision and creates the Workflow, which exists once however often
 * that is repeated. `submitted`: the standing is recorded when the Workflow shows in the watch, since other work is more
 * urgent.
 *
 * @returns else the facts on which to decide again: with the Workflow of an earlier run, or why there is none
 */
export async function submit(
  ports: RemediationPorts,
  facts: RemediationFacts,
): Promise<'submitted' | RemediationFacts> {
  const { remediation } = facts;
  const submission = workflowToSubmit(remediation);
  if (!submission.ok) return failed(facts, { outcome: 'corrupt', message: submission.message });
  const answer = await acquireAll(ports.acquirables, facts);
  if (answer !== undefined) return failed(facts, { outcome: 'held', answer });
  const decision = { decision: 'Submitting', reason: 'GatesPassed', message: 'the Workflow is created' } as const;
  const unaudited = ports.audit?.(auditEntry(facts, decision));
  // An attempt that undoes an action goes on without the audit, like the end of one.
  if (unaudited !== undefined && !isRecovery(remediation)) return withoutAudit(ports, facts, unaudited);
  const result = await create(ports, facts, submission.workflow);
  switch (result.outcome) {
    case 'submitted':
      return 'submitted';
    case 'found':
      return { ...facts, workflow: result.workflow };
    case 'unclear':
      // The Workflow may exist: then it acts, and the attempt keeps what it holds.
      return failed(await withoutDoubt(ports, facts), result);
    default:
      await releaseAll(ports.acquirables, remediation, 'unused');
      return failed(facts, result);
  }
}

/** Nothing acts that is not on record; but a Workflow of an earlier run is followed. */
async function withoutAudit(
  ports: RemediationPorts,
  facts: RemediationFacts,
  message: string,
): Promise<RemediationFacts> {
  const certain = await withoutDoubt(ports, facts);
  if (certain.workflow !== undefined) return certain;
  await releaseAll(ports.acquirables, certain.remediation, 'unused');
  return failed(certain, { outcome: 'unaudited', message });
}

/** The queue repeats an error soon and for a while; an attempt whose errors go on must come to an end. */
async function create(
  ports: RemediationPorts,
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

function failed(facts: RemediationFacts, submission: FailedSubmission): RemediationFacts {
  return { ...facts, run: { ...facts.run, submission } };
}
