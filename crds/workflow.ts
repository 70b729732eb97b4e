import type { KubeObject, ResourceType } from './object.ts';

/** The phases that Argo gives a Workflow; empty or absent = not looked at yet. */
export type WorkflowPhase = '' | 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Error';

/** The part of an Argo Workflow that Aegis reads. */
export interface Workflow extends KubeObject {
  spec?: Record<string, unknown>;
  status?: { phase?: WorkflowPhase; message?: string; startedAt?: string; finishedAt?: string };
}

export const workflows: ResourceType<Workflow> = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'workflows',
  kind: 'Workflow',
  namespaced: true,
};
