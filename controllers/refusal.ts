import type { Workflow } from '../crds/workflow.ts';
import { ApiError, isAlreadyExists, isDryRunUnsupported, isObjectRefused } from '../kube/client/api-error.ts';
import type { ResourceClient } from '../kube/client/resources.ts';
import { fieldManager } from './status-writers.ts';

/** Why the API server did not store an object. */
export type Refusal =
  /** It never accepts the object as it is. */
  | { outcome: 'refused'; message: string }
  /** It accepts the object once a user has granted a right, created a namespace, raised a quota or installed Argo. */
  | { outcome: 'unavailable'; message: string };

/** Status codes of answers that a user can change. */
const changeable = new Set([401, 403, 404]);

/** Returns the reason why the API server refused an object; undefined when the same request may succeed in a moment. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const { message } = error;
  if (isObjectRefused(error)) return { outcome: 'refused', message };
  if (changeable.has(error.status) || isDryRunUnsupported(error)) return { outcome: 'unavailable', message };
  return undefined;
}

/**
 * Creates a Workflow in a dry run. Throws errors that may pass.
 *
 * @returns undefined when the API server would accept it; `refused` false when it refused the request, not the Workflow
 */
export async function dryRunWorkflow(
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
