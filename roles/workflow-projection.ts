import type { Workflow } from '../crds/workflow.ts';
import { withoutManagedFields } from '../kube/cache/informer.ts';
import { verdictParameter } from '../remediation/attempts/workflow-verdict.ts';
import { packOutline, type OutlinedWorkflow } from '../remediation/views/outline-text.ts';

/**
 * Returns the part of a Workflow that Aegis keeps in memory. Its nodes and templates may take a megabyte: decisions need
 * none of them, and views need an outline of the nodes.
 */
export function projectWorkflow(workflow: Workflow, { outline }: { readonly outline: boolean }): OutlinedWorkflow {
  const packed = outline ? packOutline(workflow) : undefined;
  const small: OutlinedWorkflow = withoutManagedFields(workflow);
  if (packed !== undefined) small.outline = packed;
  if (small.spec !== undefined) small.spec = pick(small.spec, ['activeDeadlineSeconds', 'shutdown']);
  if (small.status !== undefined) {
    const { outputs } = small.status;
    const verdict = outputs?.parameters?.filter(({ name }) => name === verdictParameter) ?? [];
    small.status = pick(small.status, ['phase', 'message', 'startedAt', 'finishedAt']);
    if (verdict.length > 0) small.status.outputs = { parameters: verdict };
  }
  return small;
}

function pick<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => key in object).map((key) => [key, object[key]])) as Pick<T, K>;
}
