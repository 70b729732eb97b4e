import type { KubeObject, ResourceType } from '../crds/object.ts';

/** The part of a Node that Aegis looks at. */
export interface Node extends KubeObject {
  status?: { addresses?: readonly { type: string; address: string }[] };
}

export const nodes: ResourceType<Node> = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };

/** Nodes are large and change every few seconds; only these fields are kept. */
export function leanNode({ apiVersion, kind, metadata, status }: Node): Node {
  const { name, uid = '', resourceVersion = '' } = metadata;
  return { apiVersion, kind, metadata: { name, uid, resourceVersion }, status: { addresses: status?.addresses ?? [] } };
}
