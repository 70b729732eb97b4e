import type { AegisRemediation } from '../../crds/remediation.ts';
import type { WorkflowView } from '../../crds/subresources/workflow-view.ts';
import { present } from './present.ts';
import { unpackOutline, type OutlinedWorkflow } from './outline-text.ts';
import type { Outline } from './workflow-nodes.ts';

const whyMissing: Readonly<Record<NonNullable<Outline['missing']>, string>> = {
  Compressed: 'Argo keeps the steps compressed, because there are many; see them with argo get or in its UI',
  Offloaded: 'Argo keeps the steps in its database; see them with argo get or in its UI',
};

/** Returns the view of the Workflow of an attempt. */
export function workflowView(remediation: AegisRemediation, workflow: OutlinedWorkflow | undefined): WorkflowView {
  if (workflow === undefined) {
    const { name, namespace = '' } = remediation.status?.workflowRef ?? remediation.metadata;
    return { name, namespace, found: false, nodes: [], nodesLeftOut: 0 };
  }
  const { name, namespace = '', uid } = workflow.metadata;
  const { phase, message, startedAt, finishedAt } = workflow.status ?? {};
  const { nodes, leftOut, missing } = unpackOutline(workflow);
  return {
    name,
    namespace,
    found: true,
    ...present({ uid, phase, message, startedAt, finishedAt }),
    nodes,
    nodesLeftOut: leftOut,
    ...(missing && { nodesMissing: whyMissing[missing] }),
  };
}
