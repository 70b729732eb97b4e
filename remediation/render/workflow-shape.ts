import { labels } from '../../crds/labels.ts';
import { problem, type Path, type RenderProblem } from './problem.ts';
import { eachLeaf, isTreeMap, TypedScalar, type Tree, type TreeMap } from './tree.ts';

/** The parts of a manifest that become a Workflow. */
export interface WorkflowTree {
  labels: TreeMap;
  annotations: TreeMap;
  spec: TreeMap;
}

export interface ShapeResult {
  workflow: WorkflowTree;
  problems: RenderProblem[];
  /** Notes on fields that are ignored or unwise, in words. */
  warnings: string[];
}

const topLevel = new Set(['apiVersion', 'kind', 'metadata', 'spec']);
/** The name of a Workflow is that of its remediation; templates of the original project have some of these fields. */
const replaced = new Set(['name', 'generateName', 'namespace', 'creationTimestamp']);
/** Labels that select Workflows of Aegis, or name their owners, are written by Aegis alone. */
const ours = new Set<string>(Object.values(labels));

/** Checks that a manifest is a Workflow and returns the parts that are kept. */
export function shapeOf(manifest: Tree): ShapeResult {
  const warnings: string[] = [];
  const problems: RenderProblem[] = [];
  const root = isTreeMap(manifest) ? manifest : {};
  if (root['kind'] !== 'Workflow' || root['apiVersion'] !== 'argoproj.io/v1alpha1') {
    const message = 'the manifest must have kind: Workflow and apiVersion: argoproj.io/v1alpha1';
    problems.push(problem('NotAWorkflow', message));
  }
  for (const key of Object.keys(root).filter((name) => !topLevel.has(name))) {
    problems.push(problem('NotAWorkflow', 'a Workflow here has no such field', { path: [key] }));
  }
  const metadata = mapAt(root, ['metadata'], problems);
  for (const key of Object.keys(metadata)) {
    if (!replaced.has(key) && key !== 'labels' && key !== 'annotations') warnings.push(`metadata.${key} is ignored`);
  }
  const spec = mapAt(root, ['spec'], problems);
  checkEntrypoint(spec, problems);
  checkStringMap(mapAt(metadata, ['metadata', 'labels'], problems), ['metadata', 'labels'], problems);
  checkStringMap(mapAt(metadata, ['metadata', 'annotations'], problems), ['metadata', 'annotations'], problems);
  checkWorkflowMetadata(spec, problems);
  eachLeaf(spec, (_, path) => {
    if (path.at(-1) === 'duration' && path.at(-2) === 'suspend') {
      warnings.push('suspend.duration goes on by itself when the time is over: it is no approval');
    }
  });
  const workflow = { labels: mapOr(metadata['labels']), annotations: mapOr(metadata['annotations']), spec };
  return { workflow, problems, warnings: [...new Set(warnings)] };
}

function checkEntrypoint(spec: TreeMap, problems: RenderProblem[]): void {
  const entrypoint = spec['entrypoint'];
  if (typeof entrypoint === 'string' && entrypoint !== '') return;
  if (isTreeMap(spec['workflowTemplateRef'])) return;
  problems.push(problem('NotAWorkflow', 'needs entrypoint (a text) or workflowTemplateRef', { path: ['spec'] }));
}

/** Argo copies these onto the Workflow when it starts, over what Aegis wrote. */
function checkWorkflowMetadata(spec: TreeMap, problems: RenderProblem[]): void {
  const metadata = mapOr(spec['workflowMetadata']);
  for (const field of ['labels', 'annotations', 'labelsFrom']) {
    checkKeys(mapOr(metadata[field]), ['spec', 'workflowMetadata', field], problems);
  }
}

function checkStringMap(map: TreeMap, path: Path, problems: RenderProblem[]): void {
  checkKeys(map, path, problems);
  for (const [key, value] of Object.entries(map)) {
    if (typeof value === 'string') continue;
    const message =
      value instanceof TypedScalar ? 'must be a text: leave out the tag' : 'must be a text: put it in quotes';
    problems.push(problem('NotAWorkflow', message, { path: [...path, key] }));
  }
}

function checkKeys(map: TreeMap, path: Path, problems: RenderProblem[]): void {
  for (const key of Object.keys(map)) {
    if (!ours.has(key) && !/(?:^|\.)aegis\.io\//.test(key)) continue;
    problems.push(problem('NotAWorkflow', 'only Aegis may set this', { path: [...path, key] }));
  }
}

/** Returns the map at the end of a path whose last step is a field of `parent`; absent and null count as empty. */
function mapAt(parent: TreeMap, path: [string, ...string[]], problems: RenderProblem[]): TreeMap {
  const value = parent[path.at(-1) ?? ''] ?? null;
  if (value !== null && !isTreeMap(value)) problems.push(problem('NotAWorkflow', 'must be a map', { path }));
  return mapOr(value);
}

function mapOr(value: Tree | undefined): TreeMap {
  return isTreeMap(value) ? value : {};
}
