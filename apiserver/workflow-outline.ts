import type { Workflow } from '../crds/workflow.ts';
import { withoutManagedFields } from '../kube/informer.ts';

/** A Workflow without what nobody asks for here: what it was made from is in its remediation. */
export function outlineOf(workflow: Workflow): Workflow {
  const small = withoutManagedFields(workflow);
  delete small.spec;
  if (small.status === undefined) return small;
  const { phase = '', message, startedAt, finishedAt } = small.status;
  small.status = {
    phase,
    ...(message && { message }),
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
  };
  return small;
}
