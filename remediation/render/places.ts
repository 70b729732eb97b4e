import type { Path } from './problem.ts';

/**
 * The place of a value in a manifest, which restricts its form:
 * - `Strict`: it can reach a shell, an image name, a parameter that Argo puts elsewhere, anything. The default.
 * - `Expression`: Argo or jq evaluates it.
 * - `Environment`: the value of an environment variable, free text, but Kubernetes expands `$(NAME)` in it.
 * - `Data`: free text that nothing evaluates.
 *
 * Argo's own `{{..}}` are evaluated everywhere; a value can never contain any.
 */
export type Place = 'Strict' | 'Expression' | 'Environment' | 'Data';

const template = '(?:spec/templates/#|spec/templateDefaults)(?:/(?:steps/#/#|dag/tasks/#)/inline)*';
const containers = '(?:container|script|(?:sidecars|initContainers|containerSet/containers)/#)';
const call = '(?:steps/#/#|dag/tasks/#)(?:/hooks/[^/]+)?';

/** The places for free text. Everything that is not listed is strict: a field that Argo adds tomorrow is as well. */
const free: readonly (readonly [RegExp, Place])[] = [
  [new RegExp(`^${template}/${containers}/env/#/value$`), 'Environment'],
  [/^metadata\/annotations\/[^/]+$/, 'Data'],
  [new RegExp(`^${template}/metadata/annotations/[^/]+$`), 'Data'],
  [/^spec\/(?:podMetadata|workflowMetadata)\/annotations\/[^/]+$/, 'Data'],
  [/^spec\/arguments\/artifacts\/#\/raw\/data$/, 'Data'],
  [new RegExp(`^${template}/(?:inputs|${call}/arguments)/artifacts/#/raw/data$`), 'Data'],
];

const expressions: ReadonlySet<string | number> = new Set([
  'when',
  'expression',
  'depends',
  'successCondition',
  'failureCondition',
  'jqFilter',
  'jsonPath',
  'withParam',
]);

/** Returns the kind of place of a path in a Workflow. */
export function placeOf(path: Path): Place {
  const text = path.map((step) => (typeof step === 'number' ? '#' : step.replaceAll(/[#%/]/g, '%'))).join('/');
  const found = free.find(([pattern]) => pattern.test(text))?.[1];
  return found ?? (expressions.has(path.at(-1) ?? '') ? 'Expression' : 'Strict');
}
