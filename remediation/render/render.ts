import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { compileTemplate, type CompiledTemplate } from './compile.ts';
import { fillLeaf, type Spot, type Values } from './fill-leaf.ts';
import { limits } from './limits.ts';
import type { RenderedWorkflow } from './manifest.ts';
import { alwaysRefused, defaultRefusal } from './patterns.ts';
import { problem, type Path, type RenderProblem } from './problem.ts';
import { mapLeaves, type Tree, type TreeMap } from './tree.ts';
import { valueOf } from './values.ts';

/** The inputs of a Workflow. */
export interface RenderContext {
  alert: AegisAlert;
  template: AegisOpsTemplate;
  /** Values of the user; they win over the alert's. */
  parameters?: Record<string, string>;
}

export type RenderResult =
  | { ok: true; workflow: RenderedWorkflow; variables: string[]; warnings: string[] }
  | { ok: false; problems: RenderProblem[] };

/**
 * Renders the Workflow of a template for an alert, or returns all problems; nothing is rendered in part.
 * Pure, never throws, and takes time in proportion to the template.
 *
 * A rendered scalar is a string, whatever the value looks like. For a field that must be a number or a boolean the
 * template says so: `activeDeadlineSeconds: !!int "{{.seconds}}"`, `!!float`, `!!bool`.
 *
 * @param compile may memoize compiled templates
 */
export function renderTemplate(
  { alert, template, parameters = {} }: RenderContext,
  compile = compileTemplate,
): RenderResult {
  const result = compile(template);
  if (!result.ok) return { ok: false, problems: result.problems };
  const { compiled } = result;
  const problems = unusableParameters(parameters, compiled);
  const find = (name: string): string | undefined =>
    valueOf(name, { alert, given: parameters, declared: compiled.declared });
  const workflow = fillWorkflow(compiled, new AlertValues(compiled, find, problems));
  if (problems.length > 0) return { ok: false, problems: unique(problems) };
  // Only the order of keys differs in canonical JSON, so the length is the same.
  if (Buffer.byteLength(JSON.stringify(workflow)) > limits.workflow) {
    return { ok: false, problems: [problem('TooLarge', `the Workflow has more than ${limits.workflow} bytes`)] };
  }
  return { ok: true, workflow, variables: compiled.variables, warnings: compiled.warnings };
}

/** Puts values into a compiled template. */
export function fillWorkflow({ workflow, timeout }: CompiledTemplate, values: Values): RenderedWorkflow {
  const filled = (tree: Tree, ...path: string[]): TreeMap =>
    mapLeaves(tree, (leaf, at) => fillLeaf(leaf, at, values), path) as TreeMap;
  const spec = filled(workflow.spec, 'spec');
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      labels: filled(workflow.labels, 'metadata', 'labels') as Record<string, string>,
      annotations: filled(workflow.annotations, 'metadata', 'annotations') as Record<string, string>,
    },
    spec: { ...spec, activeDeadlineSeconds: spec['activeDeadlineSeconds'] ?? timeout },
  };
}

/** Values of one alert, each checked for the place where it lands. */
class AlertValues implements Values {
  readonly #compiled: CompiledTemplate;
  readonly #find: (name: string) => string | undefined;
  readonly #problems: RenderProblem[];

  constructor(compiled: CompiledTemplate, find: (name: string) => string | undefined, problems: RenderProblem[]) {
    this.#compiled = compiled;
    this.#find = find;
    this.#problems = problems;
  }

  valueOf(variable: number, spot: Spot): string {
    const name = this.#compiled.names[variable] ?? '';
    const value = this.#find(name) ?? '';
    if (value !== '') {
      const refusal = this.#refusalOf(name, value, spot);
      if (refusal !== undefined) this.#say('ValueRefused', `the value of {{.${name}}} ${refusal}`, spot.path, name);
    } else if (this.#compiled.declared.get(name)?.required !== false) {
      const [reason, message] = this.#absence(name);
      this.#say(reason, message, spot.path, name);
    }
    return value;
  }

  /** Mustache's false is an empty or absent value; details are texts, so that the text "false" is false as well. */
  holds(variable: number): boolean {
    const value = this.#find(this.#compiled.names[variable] ?? '') ?? '';
    return value !== '' && value !== 'false';
  }

  refuse(message: string, path: Path): void {
    this.#problems.push(problem('ValueRefused', message, { path }));
  }

  #refusalOf(name: string, value: string, { place, type, besideArgo }: Spot): string | undefined {
    const always = alwaysRefused(value);
    if (always !== undefined) return always;
    if (besideArgo && /[{}]/.test(value)) return "holds braces beside Argo's";
    const pattern = this.#compiled.patterns.get(name);
    if (pattern?.ok === true) return pattern.refusal(value);
    return type === undefined ? defaultRefusal(value, place) : undefined;
  }

  #absence(name: string): ['UnknownVariable' | 'EmptyVariable', string] {
    const hint = 'write {{#.' + name + '}}..{{/.' + name + '}} round what needs it, or declare it with a default';
    const given = this.#find(name) !== undefined || this.#compiled.declared.has(name);
    return given
      ? ['EmptyVariable', `{{.${name}}} is empty: ${hint}`]
      : ['UnknownVariable', `nothing gives {{.${name}}} a value: ${hint}`];
  }

  #say(reason: RenderProblem['reason'], message: string, path: Path, variable: string): void {
    this.#problems.push(problem(reason, message, { path, variable }));
  }
}

/** Refuses unknown parameters: with a misspelt one, the alert's own value would be used unnoticed. */
function unusableParameters(given: Record<string, string>, { variables, declared }: CompiledTemplate): RenderProblem[] {
  return Object.keys(given).flatMap((name) => {
    if (declared.get(name)?.secretRef !== undefined) {
      return [problem('SecretVariable', `${name} comes from a Secret and cannot be given`, { variable: name })];
    }
    if (variables.includes(name) || declared.has(name)) return [];
    return [problem('UnknownParameter', `the template has no variable ${JSON.stringify(name)}`, { variable: name })];
  });
}

/** Returns one problem per variable and reason, for the first place. */
function unique(problems: RenderProblem[]): RenderProblem[] {
  const seen = new Map<string, RenderProblem>();
  for (const one of problems) {
    const key = [one.reason, one.variable ?? `${one.path ?? ''} ${one.message}`].join(' ');
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()].slice(0, limits.problems);
}
