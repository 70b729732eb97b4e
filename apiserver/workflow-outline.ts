import { annotations } from '../crds/labels.ts';
import type { Workflow } from '../crds/workflow.ts';
import { withoutManagedFields } from '../kube/cache/informer.ts';
import { packOutline, type OutlinedWorkflow } from '../remediation/views/outline-text.ts';

/** Returns a Workflow without its spec, which is not needed here: the remediation holds the manifest. */
export function outlineOf(workflow: Workflow): OutlinedWorkflow {
  const outline = packOutline(workflow);
  const small: OutlinedWorkflow = withoutManagedFields(workflow);
  const hash = small.metadata.annotations?.[annotations.manifestHash];
  delete small.metadata.annotations;
  if (hash !== undefined) small.metadata.annotations = { [annotations.manifestHash]: hash };
  delete small.spec;
  if (outline !== undefined) small.outline = outline;
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
