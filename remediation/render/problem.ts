/** The reason why a template cannot become a Workflow, as one word for programs. */
export type RenderReason =
  /** The manifest, or its expansion, is larger, deeper or longer than Aegis reads. */
  | 'TooLarge'
  /** Not one document of YAML that JSON can express. */
  | 'Unreadable'
  /** Not an Argo Workflow, or one with fields that only Aegis may set. */
  | 'NotAWorkflow'
  /** Braces that belong neither to Aegis nor to Argo. */
  | 'TagRefused'
  /** A variable in a place where its value could change the structure of the Workflow. */
  | 'VariableMisplaced'
  | 'SectionUnbalanced'
  | 'UnknownVariable'
  | 'EmptyVariable'
  | 'SecretVariable'
  /** The value is not allowed in the place of the variable. */
  | 'ValueRefused'
  | 'PatternUnusable'
  | 'TimeoutUnusable'
  /** A user gave a parameter that the template does not use. */
  | 'UnknownParameter';

/** One problem, in words for the author of the template and for readers of the alert. Has no value of the alert. */
export interface RenderProblem {
  reason: RenderReason;
  message: string;
  /** The path in the manifest, as `spec.templates[0].container.args[1]`. */
  path?: string;
  /** The variable's or parameter's name, without the dot. */
  variable?: string;
}

/** The path from the root of the manifest to a value in it. */
export type Path = readonly (string | number)[];

/** Creates a problem whose message names the place and the variable. */
export function problem(
  reason: RenderReason,
  message: string,
  { path, variable }: { path?: Path; variable?: string } = {},
): RenderProblem {
  const place = path === undefined ? undefined : formatPath(path);
  return {
    reason,
    message: place === undefined ? message : `${place}: ${message}`,
    ...(place === undefined ? {} : { path: place }),
    ...(variable === undefined ? {} : { variable }),
  };
}

/** Returns `spec.templates[0].name`; keys that are not plain words are quoted. */
export function formatPath(path: Path): string {
  if (path.length === 0) return 'manifest';
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
