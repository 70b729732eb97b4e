import { belongsTo } from '../../remediation/attempts/submission.ts';
import type { RemediationPorts, SubmitResult } from './ports.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { isAlreadyExists, isNotFound } from '../../kube/client/api-error.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import { refusalOf } from '../refusal.ts';
import { fieldManager } from '../status-writers.ts';

/** Returns a function that creates each Workflow once; a Workflow that has its name already is compared with the attempt. */
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

/** Does nothing to a Workflow that is gone. */
export async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
