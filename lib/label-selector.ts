/** A compiled label selector, or the reason why it cannot be used. */
export type CompiledSelector =
  { ok: true; matches(labels: Readonly<Record<string, string>>): boolean } | { ok: false; problem: string };

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[] | undefined;
}

/** `metav1.LabelSelector`. */
interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?: readonly Requirement[] | undefined;
}

type Test = (labels: Readonly<Record<string, string>>) => boolean;

/** Compiles a `metav1.LabelSelector`. An empty selector matches everything, as in Kubernetes. */
export function compileSelector(selector: LabelSelector | undefined): CompiledSelector {
  const tests: Test[] = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]) =>
      (labels) =>
        read(labels, key) === value,
  );
  for (const requirement of selector?.matchExpressions ?? []) {
    const problem = problemOf(requirement);
    if (problem !== undefined) return { ok: false, problem };
    tests.push(testOf(requirement));
  }
  return { ok: true, matches: (labels) => tests.every((test) => test(labels)) };
}

function problemOf({ key, operator, values }: Requirement): string | undefined {
  const needsValues = operator === 'In' || operator === 'NotIn';
  const hasValues = (values?.length ?? 0) > 0;
  if (needsValues && !hasValues) return `selector: ${key} ${operator} needs values`;
  if (!needsValues && hasValues) return `selector: ${key} ${operator} takes no values`;
  return undefined;
}

function testOf({ key, operator, values = [] }: Requirement): Test {
  switch (operator) {
    case 'In':
      return (labels) => values.includes(read(labels, key) ?? '') && read(labels, key) !== undefined;
    case 'NotIn':
      return (labels) => read(labels, key) === undefined || !values.includes(read(labels, key) ?? '');
    case 'Exists':
      return (labels) => read(labels, key) !== undefined;
    case 'DoesNotExist':
      return (labels) => read(labels, key) === undefined;
  }
}

/** Reads own properties only: a label named `constructor` is a label like any other. */
function read(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
