import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { belongsTo, workflowToSubmit } from '../../remediation/attempts/submission.ts';
import type { WorkflowDeadlines } from '../../remediation/attempts/workflow-outcome.ts';
import { cachedTarget } from '../../remediation/cluster-view.ts';
import type { RemediationFacts } from '../../remediation/decision/facts.ts';
import type { RemediationPorts } from './ports.ts';
import { revokedApprovals } from './revoked-approvals.ts';

export interface RemediationKey {
  namespace: string;
  name: string;
}

/** Reads an attempt; one that may still be submitted from the API server itself, because a cache may be behind. */
export async function readCurrent(
  ports: RemediationPorts,
  { namespace, name }: RemediationKey,
): Promise<AegisRemediation | undefined> {
  const cached = ports.remediation(namespace, name);
  return cached !== undefined && isSubmitted(ports, cached) ? cached : ports.readRemediation(namespace, name);
}

/** Gathers the facts of an attempt, as far as caches have them. */
export async function gather(
  ports: RemediationPorts,
  remediation: AegisRemediation,
  deadlines: WorkflowDeadlines,
): Promise<RemediationFacts> {
  const alert = await ports.alertOf(remediation);
  const { namespace = '', name, uid } = remediation.metadata;
  return {
    remediation,
    alert,
    // Before the siblings are read: a cache that has this attempt has the older ones.
    run: { cached: ports.remediation(namespace, name)?.metadata.uid === uid },
    episodes: alert === undefined ? [] : ports.episodesOf(alert),
    siblings: ports.siblingsOf(remediation),
    cluster: ports.cluster,
    target: cachedTarget(ports.cluster, remediation.spec.target),
    revoked: isSubmitted(ports, remediation) ? undefined : await revokedApprovals(ports, remediation),
    workflow: await findWorkflow(ports, remediation),
    deadlines,
    now: ports.now(),
  };
}

/** Returns the facts with something that the caches do not have. */
export async function findOut(
  ports: RemediationPorts,
  facts: RemediationFacts,
  what: 'target' | 'workflow' | 'dryRun',
): Promise<RemediationFacts> {
  switch (what) {
    case 'target': {
      const { target } = facts.remediation.spec;
      const found = target === undefined ? facts.target : await ports.readTarget(target);
      return { ...facts, target: found, run: { ...facts.run, targetRead: true } };
    }
    case 'workflow':
      return withoutDoubt(ports, facts);
    case 'dryRun': {
      const submission = workflowToSubmit(facts.remediation);
      const refusal = submission.ok ? await ports.tryWorkflow(submission.workflow) : submission;
      return { ...facts, run: { ...facts.run, dryRun: { refusal: refusal?.message } } };
    }
  }
}

/** Returns the facts with the Workflow from the API server, if there is one that no cache has. */
export async function withoutDoubt(ports: RemediationPorts, facts: RemediationFacts): Promise<RemediationFacts> {
  const certain = { ...facts, run: { ...facts.run, workflowRead: true } };
  const submission = workflowToSubmit(facts.remediation);
  if (!submission.ok) return certain;
  const { namespace = '', name } = submission.workflow.metadata;
  const workflow = await ports.readWorkflow(namespace, name);
  return workflow !== undefined && belongsTo(workflow, facts.remediation) ? { ...certain, workflow } : certain;
}

function isSubmitted(ports: RemediationPorts, remediation: AegisRemediation): boolean {
  const { workflowRef, phase } = remediation.status ?? {};
  return workflowRef !== undefined || isTerminal(phase) || ownWorkflow(ports, remediation) !== undefined;
}

async function findWorkflow(ports: RemediationPorts, remediation: AegisRemediation): Promise<Workflow | undefined> {
  const { workflowRef: ref, phase } = remediation.status ?? {};
  if (ref === undefined) return ownWorkflow(ports, remediation);
  const cached = ports.workflow(ref.namespace, ref.name);
  // While an attempt is verified, its outcome is on record, and the Workflow may be gone.
  const isNeeded = phase !== 'Verifying';
  const found = cached ?? (isNeeded ? await ports.readWorkflow(ref.namespace, ref.name) : undefined);
  return found !== undefined && belongsTo(found, remediation) ? found : undefined;
}

/** Returns the Workflow that was created and is not on record yet. */
function ownWorkflow(ports: RemediationPorts, remediation: AegisRemediation): Workflow | undefined {
  const { namespace = '', name } = remediation.metadata;
  return ports.workflowsNamedAfter(namespace, name).find((workflow) => belongsTo(workflow, remediation));
}
