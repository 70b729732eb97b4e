import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { compileTemplate, type CompiledTemplate } from './compile.ts';
import type { RenderedWorkflow } from './manifest.ts';
import type { Spot, Values } from './fill-leaf.ts';
import { defaultRefusal } from './patterns.ts';
import { problem, type Path, type RenderProblem } from './problem.ts';
import { fillWorkflow } from './render.ts';

/** The result of checking a template before the first alert. */
export interface TemplateCheck {
  /** Variables that the Workflow uses, sorted. */
  variables: string[];
  /** Empty when the template is usable. */
  problems: RenderProblem[];
  /** Notes on fields that are ignored or unwise. */
  warnings: string[];
  /** The Workflow with placeholder values, for a dry run by the API server; absent when there are problems. */
  sample?: RenderedWorkflow;
}

/** Checks a template without an alert. */
export function checkTemplate(template: AegisOpsTemplate): TemplateCheck {
  const result = compileTemplate(template);
  if (!result.ok) return { variables: result.variables, problems: result.problems, warnings: [] };
  const { variables, warnings } = result.compiled;
  const problems: RenderProblem[] = [];
  const sample = fillWorkflow(result.compiled, new StandIns(result.compiled, problems));
  return { variables, problems, warnings, ...(problems.length === 0 ? { sample } : {}) };
}

/** Returns the declared defaults, and a harmless value for all other variables. */
class StandIns implements Values {
  readonly #compiled: CompiledTemplate;
  readonly #problems: RenderProblem[];

  constructor(compiled: CompiledTemplate, problems: RenderProblem[]) {
    this.#compiled = compiled;
    this.#problems = problems;
  }

  valueOf(variable: number, { path, place, type }: Spot): string {
    const name = this.#compiled.names[variable] ?? '';
    const fallback = this.#compiled.declared.get(name)?.default ?? '';
    if (fallback === '') return type === undefined ? 'x' : type === 'bool' ? 'true' : '1';
    if (type !== undefined || this.#compiled.patterns.has(name)) return fallback;
    const refusal = defaultRefusal(fallback, place);
    if (refusal !== undefined) {
      const message = `the default of parameter ${name} ${refusal}`;
      this.#problems.push(problem('ValueRefused', message, { path, variable: name }));
    }
    return fallback;
  }

  holds(): boolean {
    return true;
  }

  refuse(message: string, path: Path): void {
    this.#problems.push(problem('ValueRefused', message, { path }));
  }
}
