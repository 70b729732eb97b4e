import { parseDuration } from '../../lib/duration.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { bracesIn, refusalOf } from './braces.ts';
import { checkTree } from './checked-tree.ts';
import { limits } from './limits.ts';
import { readParameters, type Parameters } from './parameters.ts';
import { problem, type RenderProblem } from './problem.ts';
import { hasMark, markTags, marksOf, unmark, usesReservedCharacters, type Marked } from './tags.ts';
import { eachLeaf, TypedScalar, type Tree } from './tree.ts';
import { shapeOf, type WorkflowTree } from './workflow-shape.ts';
import { parseYaml } from './yaml.ts';

/** A compiled template. */
export interface CompiledTemplate extends Parameters {
  /** Names of variables by number; some may be used in comments only. */
  names: readonly string[];
  /** Variables that the Workflow uses, sorted. */
  variables: string[];
  workflow: WorkflowTree;
  /** Seconds, for `activeDeadlineSeconds`. */
  timeout: number;
  warnings: string[];
}

export type CompileResult =
  { ok: true; compiled: CompiledTemplate } | { ok: false; problems: RenderProblem[]; variables: string[] };

/** Compiles a template as far as that is possible without an alert. */
export function compileTemplate({ spec }: AegisOpsTemplate): CompileResult {
  const { manifest } = spec;
  if (manifest.length > limits.manifest) {
    return failed([problem('TooLarge', `the manifest has more than ${limits.manifest} characters`)]);
  }
  if (usesReservedCharacters(manifest)) {
    return failed([problem('TagRefused', 'the manifest uses U+EF00 or U+EF01, which are reserved for Aegis')]);
  }
  const marked = markTags(manifest);
  if (marked.tags > limits.tags || marked.names.length > limits.variables) {
    const message = `the manifest has more than ${limits.tags} tags or ${limits.variables} different variables`;
    return failed([problem('TooLarge', message)]);
  }
  const parsed = parseYaml(marked.text);
  if (!parsed.ok) return failed(explained(parsed.problems, marked));
  const { tree, problems: inTree } = checkTree(parsed.value, marked.names);
  const { workflow, problems: inShape, warnings } = shapeOf(tree);
  const used = variablesOf(tree, marked.names);
  const parameters = readParameters(spec.parameters ?? [], used);
  const timeout = secondsOf(spec.timeout);
  const problems = [...inTree, ...inShape, ...parameters.problems, ...(typeof timeout === 'number' ? [] : [timeout])];
  const variables = [...used].sort();
  if (problems.length > 0 || typeof timeout !== 'number') return failed(problems, variables);
  return { ok: true, compiled: { ...parameters, names: marked.names, variables, workflow, timeout, warnings } };
}

/** A Go template is rarely valid YAML; a hint about the right syntax helps its author more than the parser's error. */
function explained(problems: RenderProblem[], { text, names }: Marked): RenderProblem[] {
  const refused: RenderProblem[] = [];
  let line = 1;
  let counted = 0;
  for (const { content, start } of bracesIn(text).all) {
    const refusal = hasMark(content) ? undefined : refusalOf(content);
    if (refusal === undefined) continue;
    line += text.slice(counted, start).split('\n').length - 1;
    counted = start;
    refused.push(problem('TagRefused', `line ${line}: {{${content.slice(0, 60)}}}: ${refusal}`));
    if (refused.length === limits.problems) break;
  }
  if (refused.length > 0) return refused;
  const sections = marksOf(text).some(({ kind }) => kind !== '&');
  const hint = sections ? ' (a section must open and close within one value)' : '';
  return problems.map((one) => ({ ...one, message: unmark(one.message, names) + hint }));
}

function variablesOf(tree: Tree, names: readonly string[]): Set<string> {
  const used = new Set<string>();
  eachLeaf(tree, (leaf) => {
    const text = leaf instanceof TypedScalar ? leaf.text : leaf;
    if (typeof text !== 'string') return;
    for (const { variable } of marksOf(text)) used.add(names[variable] ?? '');
  });
  return used;
}

function secondsOf(timeout: string): number | RenderProblem {
  try {
    const seconds = Math.ceil(parseDuration(timeout) / 1000);
    if (seconds >= 1) return seconds;
    return problem('TimeoutUnusable', 'spec.timeout must be greater than 0s');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return problem('TimeoutUnusable', `spec.timeout is ${error.message}`);
  }
}

function failed(problems: RenderProblem[], variables: string[] = []): CompileResult {
  return { ok: false, problems: problems.slice(0, limits.problems), variables };
}
