import { workflows, type Workflow } from '../../crds/workflow.ts';
import { ApiError, isAlreadyExists, isObjectRefused } from '../../kube/client/api-error.ts';
import { resources } from '../../kube/client/resources.ts';
import type { RestClient } from '../../kube/client/rest.ts';

/** Result of a dry run. */
export type DryRunResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly problems: readonly string[] }
  /** The dry run could not be done; nothing is known. */
  | { readonly outcome: 'not-tried'; readonly why: string };

/** Validates a Workflow, as JSON, without creating it. */
export type DryRunWorkflow = (manifest: string, signal: AbortSignal) => Promise<DryRunResult>;

/** Milliseconds; less than the timeout of the webhook, so that a slow answer is a warning and no refusal. */
const timeoutMs = 2_500;

/** Returns a dry run by the API server: a create with `dryRun=All`. */
export function kubeDryRun(rest: RestClient): DryRunWorkflow {
  const client = resources(rest, workflows);
  return async (manifest, signal) => {
    try {
      const workflow = JSON.parse(manifest) as Workflow;
      await client.create(workflow, { dryRun: true, fieldManager: 'aegis-admission', signal, timeoutMs });
      return { outcome: 'accepted' };
    } catch (error) {
      if (isAlreadyExists(error)) return { outcome: 'accepted' };
      if (!(error instanceof ApiError)) throw error;
      return outcomeOf(error);
    }
  };
}

function outcomeOf(error: ApiError): DryRunResult {
  if (isObjectRefused(error)) return { outcome: 'refused', problems: problemsOf(error) };
  const noArgo = error.status === 404 && error.reason === '';
  return { outcome: 'not-tried', why: noArgo ? 'Argo Workflows is not installed' : error.message };
}

function problemsOf({ message, details }: ApiError): string[] {
  const causes = (details?.causes ?? []).map((cause) =>
    [cause.field, cause.message].filter((part) => part !== undefined && part !== '').join(': '),
  );
  return causes.length > 0 ? causes : [message];
}
