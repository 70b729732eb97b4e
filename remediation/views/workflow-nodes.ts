import type { Workflow, WorkflowNode } from '../../crds/workflow.ts';

/** A node of a Workflow, as inspections show it. */
export interface OutlineNode {
  id: string;
  name: string;
  type: string;
  phase: string;
  /** 0 for a root. */
  depth: number;
  /** Ids of the nodes below it that are shown, in Argo's order. */
  children: string[];
  message?: string;
  startedAt?: string;
  finishedAt?: string;
}

/** The nodes of a Workflow, each after its parent. */
export interface Outline {
  nodes: OutlineNode[];
  leftOut: number;
  /** Why Argo shows no nodes. */
  missing?: 'Compressed' | 'Offloaded';
}

/** The size limits of one Workflow; a cache holds thousands of them. */
export const outlineLimits = { nodes: 500, characters: 32_768, text: 256 } as const;

/**
 * The nodes of a Workflow in a fixed order, bounded: where there are too many, those that failed come before others.
 * Pure, for any content of the status.
 */
export function outlineNodes({ metadata, status = {} }: Workflow): Outline {
  const walked = walk(readable(status.nodes), metadata.name);
  if (walked.length === 0) {
    if ((status.offloadNodeStatusVersion ?? '') !== '') return { nodes: [], leftOut: 0, missing: 'Offloaded' };
    if ((status.compressedNodes ?? '') !== '') return { nodes: [], leftOut: 0, missing: 'Compressed' };
  }
  const kept = keep(walked);
  const nodes = walked.filter(({ id }) => kept.has(id));
  for (const node of nodes) node.children = node.children.filter((id) => kept.has(id));
  return { nodes, leftOut: walked.length - nodes.length };
}

type Nodes = Readonly<Record<string, WorkflowNode>>;

/** Every user who may write Workflows can put any value here. */
function readable(nodes: unknown): Nodes {
  const entries = typeof nodes === 'object' && nodes !== null ? Object.entries(nodes as Record<string, unknown>) : [];
  return Object.fromEntries(entries.filter(([, node]) => typeof node === 'object' && node !== null)) as Nodes;
}

/** Depth first from the Workflow's own node, then from nodes without a parent (exit handlers); each node once. */
function walk(nodes: Nodes, root: string): OutlineNode[] {
  const below = new Set(Object.values(nodes).flatMap(childrenOf));
  const roots = Object.keys(nodes).filter((id) => id === root || !below.has(id));
  const first = (id: string): string => (id === root ? '' : `${nodes[id]?.startedAt ?? '~'} ${id}`);
  // The last on the stack comes first; nodes that only a cycle reaches come at the end.
  const open = [...Object.keys(nodes).sort().reverse(), ...roots.sort((a, b) => (first(a) < first(b) ? 1 : -1))].map(
    (id) => ({ id, depth: 0 }),
  );
  const seen = new Set<string>();
  const walked: OutlineNode[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { id, depth } = next;
    const node = Object.hasOwn(nodes, id) ? nodes[id] : undefined;
    if (node === undefined || seen.has(id)) continue;
    seen.add(id);
    const children = childrenOf(node);
    walked.push(outlineNode(node, { id, depth, children }));
    for (const child of children.toReversed()) open.push({ id: child, depth: depth + 1 });
  }
  return walked;
}

function outlineNode(node: WorkflowNode, place: Pick<OutlineNode, 'id' | 'depth' | 'children'>): OutlineNode {
  const [message, startedAt, finishedAt] = [cut(node.message), cut(node.startedAt), cut(node.finishedAt)];
  return {
    ...place,
    name: cut(node.displayName) || cut(node.name) || cut(place.id),
    type: cut(node.type),
    phase: cut(node.phase),
    ...(message !== '' && { message }),
    ...(startedAt !== '' && { startedAt }),
    ...(finishedAt !== '' && { finishedAt }),
  };
}

/** Ids of the nodes that fit. */
function keep(walked: readonly OutlineNode[]): Set<string> {
  const failed = (node: OutlineNode): boolean => node.phase === 'Failed' || node.phase === 'Error';
  const important = [...walked.filter(failed), ...walked.filter((node) => !failed(node))];
  const kept = new Set<string>();
  let characters = 0;
  for (const node of important) {
    const { id, name, message = '', children } = node;
    characters += id.length + name.length + message.length + children.join().length + 100;
    if (kept.size >= outlineLimits.nodes || characters > outlineLimits.characters) break;
    kept.add(id);
  }
  return kept;
}

function childrenOf({ children }: WorkflowNode): string[] {
  return Array.isArray(children) ? children.filter((id) => typeof id === 'string') : [];
}

function cut(text: unknown): string {
  const { text: max } = outlineLimits;
  if (typeof text !== 'string') return '';
  return text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text;
}
