import { hash } from 'node:crypto';
import type { ObjectMeta } from '../../crds/object.ts';

/** A rendered Workflow that has no identity yet. */
export interface RenderedWorkflow {
  apiVersion: 'argoproj.io/v1alpha1';
  kind: 'Workflow';
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: Record<string, unknown>;
}

/** The metadata that Aegis sets on a Workflow; labels win over the template's. */
export type WorkflowIdentity = Required<Pick<ObjectMeta, 'name' | 'namespace' | 'labels' | 'finalizers'>>;

/** Returns the whole Workflow as canonical JSON: the `spec.manifest` of its remediation. */
export function workflowManifest(workflow: RenderedWorkflow, identity: WorkflowIdentity): string {
  const { annotations } = workflow.metadata;
  return canonicalJson({
    ...workflow,
    metadata: {
      ...identity,
      labels: { ...workflow.metadata.labels, ...identity.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
  });
}

/** Returns `sha256:` and the hex digest of a manifest's text. */
export function manifestHash(manifest: string): string {
  return `sha256:${hash('sha256', manifest)}`;
}

/**
 * Returns JSON without blanks, the keys of every map in the order of their UTF-16 units; undefined fields are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
