import { belongsTo } from '../../remediation/attempts/submission.ts';
import type { RemediationPorts, SubmitResult } from './ports.ts';
import type { Workflow } from '../../crds/workflow.ts';
import {
  ApiError,
  isAlreadyExists,
  isDryRunUnsupported,
  isNotFound,
  isObjectRefused,
} from '../../kube/client/api-error.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import { fieldManager } from '../status-writers.ts';

/** Answers that somebody can mend: a right, a namespace, a quota, Argo itself. */
const mendable = new Set([401, 403, 404]);

/** Creates Workflows, each once: a name that is taken is looked into. */
export function submitter(workflows: ResourceClient<Workflow>): RemediationPorts['submit'] {
  return async (remediation, workflow) => {
    try {
      await workflows.create(workflow, { fieldManager, metadataOnly: true });
      return { outcome: 'submitted' };
    } catch (error) {
      if (isAlreadyExists(error)) return whose(await workflows.get(workflow.metadata));
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return refusal;
    }

    function whose(existing: Workflow): SubmitResult {
      return { outcome: belongsTo(existing, remediation) ? 'found' : 'taken', workflow: existing };
    }
  };
}

/**
 * Asks the API server in a dry run whether it would take a Workflow; undefined = it would. Throws what may pass.
 *
 * @returns `refused` false: the question itself was refused, by a right that is missing for instance
 */
export async function tryWorkflow(
  workflows: Pick<ResourceClient<Workflow>, 'create'>,
  workflow: Workflow,
): Promise<{ refused: boolean; message: string } | undefined> {
  try {
    await workflows.create(workflow, { dryRun: true, fieldManager });
    return undefined;
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { refused: refusal.outcome === 'refused', message: refusal.message };
  }
}

/** What a failure says about the Workflow; undefined when the same request may succeed in a moment. */
export function refusalOf(error: unknown): Extract<SubmitResult, { message: string }> | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (isObjectRefused(error)) return { outcome: 'refused', message: error.message };
  if (mendable.has(error.status) || isDryRunUnsupported(error))
    return { outcome: 'unavailable', message: error.message };
  return undefined;
}

/** Does nothing to a Workflow that is gone. */
export async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
