import { z } from 'zod';
import { list, ObjectName, text } from '../schema.ts';

/** A whole Argo Workflow; its fields are Argo's. */
export const WorkflowManifest = z.looseObject({
  apiVersion: text(64).describe('argoproj.io/v1alpha1.'),
  kind: text(64).describe('Workflow.'),
});

/** One step of a Workflow; the list is in tree order, each node behind the one above it. */
export const WorkflowNodeView = z.object({
  id: text(1024).describe("Argo's id of the node."),
  name: text(1024).describe('Its name for people.'),
  type: text(256).describe('Pod, Steps, StepGroup, DAG, Retry, Suspend, ...'),
  phase: text(256).describe('Pending, Running, Succeeded, Failed, Error, Skipped or Omitted.'),
  depth: z.int().min(0).describe('How deep it is in the tree; 0 = a root.'),
  children: list(text(1024), 1000).describe('Ids of the nodes below it that are in this list.'),
  message: text(1024).optional().describe("Argo's words about it, cut when long."),
  startedAt: text(256).optional().describe('When it started.'),
  finishedAt: text(256).optional().describe('When it ended.'),
});

/** What became of a Workflow. */
export const WorkflowView = z.object({
  name: ObjectName.describe('Name.'),
  namespace: text(63).describe('Namespace.'),
  uid: text(64).optional().describe('Its uid.'),
  found: z.boolean().describe('Whether it is there; false = not made yet, or deleted.'),
  phase: text(64).optional().describe("Argo's phase; absent while Argo has not looked at it."),
  message: text(65536).optional().describe("Argo's words about it."),
  startedAt: text(64).optional().describe('When it started.'),
  finishedAt: text(64).optional().describe('When it ended.'),
  nodes: list(WorkflowNodeView, 500).describe('Its steps, each behind the one above it.'),
  nodesLeftOut: z.int().min(0).describe('How many more steps there are than are shown.'),
  nodesMissing: text(256).optional().describe('Why no steps can be shown though there are some.'),
});
export type WorkflowView = z.infer<typeof WorkflowView>;
