import { detailsOf, type AegisAlert } from '../../crds/alert.ts';
import type { TemplateParameter } from '../../crds/ops-template.ts';

/** The sources of the values of a rendering. */
export interface ValueSources {
  alert: AegisAlert;
  /** Values of the user. */
  given: Readonly<Record<string, string>>;
  declared: ReadonlyMap<string, TemplateParameter>;
}

/**
 * Returns the value of a variable, or undefined without a source. In this order:
 * 1. the parameters that a user gave, even an empty one;
 * 2. the fields of the alert: its name and namespace and the object it is about, never a detail of the same name, because
 *    details come from any client that can set a label; `node` is the detail of that name, else the object's node, else
 *    the object itself when it is a Node;
 * 3. the alert's details;
 * 4. the default that the template declares.
 * An empty value of 2 or 3 counts as none.
 */
export function valueOf(name: string, { alert, given, declared }: ValueSources): string | undefined {
  if (Object.hasOwn(given, name)) return given[name];
  const builtIn = builtIns.get(name);
  const found = builtIn === undefined ? detail(alert, name) : builtIn(alert);
  return some(found) ?? declared.get(name)?.default;
}

const builtIns: ReadonlyMap<string, (alert: AegisAlert) => string | undefined> = new Map([
  ['node', nodeOf],
  ['AlertName', ({ metadata }) => metadata.name],
  ['AlertNamespace', ({ metadata }) => metadata.namespace],
  ['InvolvedObjectKind', ({ spec }) => spec.involvedObject?.kind],
  ['InvolvedObjectName', ({ spec }) => spec.involvedObject?.name],
  ['InvolvedObjectNamespace', ({ spec }) => spec.involvedObject?.namespace],
  ['InvolvedObjectNode', ({ spec }) => spec.involvedObject?.node],
]);

function nodeOf(alert: AegisAlert): string | undefined {
  const { kind, name, node } = alert.spec.involvedObject ?? {};
  return some(detail(alert, 'node')) ?? some(node) ?? (kind?.toLowerCase() === 'node' ? name : undefined);
}

function detail(alert: AegisAlert, name: string): string | undefined {
  const details = detailsOf(alert);
  return Object.hasOwn(details, name) ? details[name] : undefined;
}

function some(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
