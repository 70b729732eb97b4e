import type { NodeFacts } from '../../remediation/cluster-view.ts';

interface NodeChanges {
  ready?: 'True' | 'False' | 'Unknown';
  cordoned?: boolean;
  labels?: Record<string, string>;
}

/** A healthy node, unless told otherwise. */
export function aNode(name: string, { ready = 'True', cordoned = false, labels = {} }: NodeChanges = {}): NodeFacts {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels },
    spec: { unschedulable: cordoned },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

/** `count` healthy nodes, `n0` and so on. */
export function someNodes(count: number, changes: NodeChanges = {}): NodeFacts[] {
  return Array.from({ length: count }, (_, index) => aNode(`n${index}`, changes));
}
