import type { KubeObject, ResourceType } from '../../crds/object.ts';

/** The part of a Node that Aegis reads. */
export interface Node extends KubeObject {
  spec?: { unschedulable?: boolean };
  status?: {
    addresses?: readonly { type: string; address: string }[];
    conditions?: readonly { type: string; status: string }[];
  };
}

export const nodes: ResourceType<Node> = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };

/** Nodes are large and change every few seconds; only these fields are kept. */
export function leanNode({ apiVersion, kind, metadata, spec, status }: Node): Node {
  const { name, uid = '', resourceVersion = '', labels = {} } = metadata;
  const { addresses = [], conditions = [] } = status ?? {};
  return {
    apiVersion,
    kind,
    metadata: { name, uid, resourceVersion, labels },
    spec: { unschedulable: spec?.unschedulable ?? false },
    status: { addresses, conditions: conditions.map(({ type, status: value }) => ({ type, status: value })) },
  };
}
