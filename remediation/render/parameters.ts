import type { TemplateParameter } from '../../crds/ops-template.ts';
import { alwaysRefused, compilePattern, type ValuePattern } from './patterns.ts';
import { problem, type RenderProblem } from './problem.ts';

/** The declarations of a template about its variables. */
export interface Parameters {
  declared: ReadonlyMap<string, TemplateParameter>;
  patterns: ReadonlyMap<string, ValuePattern>;
}

/** Compiles the patterns and reports declarations that contradict themselves or the manifest. */
export function readParameters(
  list: readonly TemplateParameter[],
  used: ReadonlySet<string>,
): Parameters & { problems: RenderProblem[] } {
  const declared = new Map(list.map((parameter) => [parameter.name, parameter]));
  const patterns = new Map<string, ValuePattern>();
  const problems: RenderProblem[] = [];
  for (const parameter of declared.values()) {
    const { name, pattern, secretRef } = parameter;
    if (secretRef !== undefined && used.has(name)) problems.push(secretProblem(name));
    const compiled = pattern === undefined ? undefined : compilePattern(pattern);
    if (compiled !== undefined) patterns.set(name, compiled);
    const fault = compiled?.ok === false ? undefined : faultOfDefault(parameter.default ?? '', compiled);
    if (fault !== undefined) {
      problems.push(problem('ValueRefused', `the default of parameter ${name} ${fault}`, { variable: name }));
    } else if (compiled?.ok === false) {
      problems.push(
        problem('PatternUnusable', `the pattern of parameter ${name} ${compiled.message}`, { variable: name }),
      );
    }
  }
  return { declared, patterns, problems };
}

function faultOfDefault(value: string, pattern: (ValuePattern & { ok: true }) | undefined): string | undefined {
  return value === '' ? undefined : (alwaysRefused(value) ?? pattern?.refusal(value));
}

function secretProblem(variable: string): RenderProblem {
  const message = `{{.${variable}}} is declared as secretRef and never enters the manifest: use env with valueFrom.secretKeyRef`;
  return problem('SecretVariable', message, { variable });
}
