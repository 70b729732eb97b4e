import { z } from 'zod';
import { list, ObjectName, text } from '../schema.ts';

/** A complete Argo Workflow; its fields are Argo's. */
export const WorkflowManifest = z.looseObject({
  apiVersion: text(64).describe('argoproj.io/v1alpha1.'),
  kind: text(64).describe('Workflow.'),
});

/** One step of a Workflow; the list is in tree order, each node after its parent. */
export const WorkflowNodeView = z.object({
  id: text(1024).describe('ID of the node in Argo.'),
  name: text(1024).describe('Display name of the node.'),
  type: text(256).describe('Type of the node: Pod, Steps, StepGroup, DAG, Retry, Suspend, ...'),
  phase: text(256).describe('Phase of the node: Pending, Running, Succeeded, Failed, Error, Skipped or Omitted.'),
  depth: z.int().min(0).describe('Depth in the tree; 0 = a root.'),
  children: list(text(1024), 1000).describe('IDs of the child nodes that are in this list.'),
  message: text(1024).optional().describe('Message of Argo, truncated.'),
  startedAt: text(256).optional().describe('Start of the node.'),
  finishedAt: text(256).optional().describe('End of the node.'),
});

/** State of a Workflow. */
export const WorkflowView = z.object({
  name: ObjectName.describe('Name of the Workflow.'),
  namespace: text(63).describe('Namespace of the Workflow.'),
  uid: text(64).optional().describe('UID of the Workflow.'),
  found: z.boolean().describe('Whether the Workflow exists; false before it is created and after it is deleted.'),
  phase: text(64).optional().describe('Phase of the Workflow; absent until Argo has set it.'),
  message: text(65536).optional().describe('Message of Argo.'),
  startedAt: text(64).optional().describe('Start of the Workflow.'),
  finishedAt: text(64).optional().describe('End of the Workflow.'),
  nodes: list(WorkflowNodeView, 500).describe('Nodes of the Workflow, each after its parent.'),
  nodesLeftOut: z.int().min(0).describe('Number of further nodes that are not listed.'),
  nodesMissing: text(256).optional().describe('Reason why existing nodes cannot be listed.'),
});
export type WorkflowView = z.infer<typeof WorkflowView>;
