import type { KubeObject, ResourceType } from './object.ts';

/** The phases that Argo gives a Workflow; empty or absent until Argo has set one. */
export type WorkflowPhase = '' | 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Error';

/** The part of an Argo Workflow that Aegis reads. */
export interface Workflow extends KubeObject {
  spec?: Record<string, unknown>;
  status?: {
    phase?: WorkflowPhase;
    message?: string;
    startedAt?: string;
    finishedAt?: string;
    /** Outputs of the whole Workflow: those with a `globalName`. */
    outputs?: { parameters?: { name?: string; value?: unknown }[] };
    nodes?: Record<string, WorkflowNode>;
    /** The nodes as gzip and base64, where they are too large for Argo to store them plainly. */
    compressedNodes?: string;
    /** Set where Argo keeps the nodes in a database. */
    offloadNodeStatusVersion?: string;
  };
}

/** One step of a Workflow that runs, as Argo reports it; everything may be missing. */
export interface WorkflowNode {
  id?: string;
  displayName?: string;
  name?: string;
  type?: string;
  phase?: string;
  message?: string;
  startedAt?: string | null;
  finishedAt?: string | null;
  /** IDs. */
  children?: string[];
}

export const workflows: ResourceType<Workflow> = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'workflows',
  kind: 'Workflow',
  namespaced: true,
};
