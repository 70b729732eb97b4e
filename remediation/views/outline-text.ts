import type { Workflow } from '../../crds/workflow.ts';
import { outlineNodes, type Outline, type OutlineNode } from './workflow-nodes.ts';

/** A Workflow whose nodes are packed, so that a cache can hold many of them. */
export interface OutlinedWorkflow extends Workflow {
  /** See `packOutline`. */
  outline?: string;
}

/** One text takes a third of the memory of the objects that it describes. */
type Row = [
  id: string,
  name: string,
  type: string,
  phase: string,
  depth: number,
  children: string[],
  message: string,
  startedAt: string,
  finishedAt: string,
];

/** The nodes of a Workflow as one text, with the Workflow's name left out of their ids and names. */
export function packOutline(workflow: Workflow): string | undefined {
  const { nodes, leftOut, missing } = outlineNodes(workflow);
  if (nodes.length === 0 && missing === undefined) return undefined;
  const prefix = workflow.metadata.name;
  const short = (text: string): string => (text.startsWith(prefix) ? `*${text.slice(prefix.length)}` : `=${text}`);
  const rows = nodes.map(
    ({ id, name, type, phase, depth, children, message = '', startedAt = '', finishedAt = '' }): Row => [
      ...([short(id), short(name), type, phase, depth] as const),
      children.map(short),
      ...([message, startedAt, finishedAt] as const),
    ],
  );
  return JSON.stringify([rows, leftOut, missing ?? '']);
}

/** The nodes of a Workflow from the cache; none where Argo has not begun. */
export function unpackOutline({ metadata, outline }: OutlinedWorkflow): Outline {
  if (outline === undefined) return { nodes: [], leftOut: 0 };
  const [rows, leftOut, missing] = JSON.parse(outline) as [Row[], number, NonNullable<Outline['missing']> | ''];
  const long = (text: string): string => (text.startsWith('*') ? metadata.name : '') + text.slice(1);
  const nodes = rows.map(([id, name, type, phase, depth, children, message, startedAt, finishedAt]): OutlineNode => ({
    ...{ id: long(id), name: long(name), type, phase, depth, children: children.map(long) },
    ...(message !== '' && { message }),
    ...(startedAt !== '' && { startedAt }),
    ...(finishedAt !== '' && { finishedAt }),
  }));
  return { nodes, leftOut, ...(missing !== '' && { missing }) };
}
