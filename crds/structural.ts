import type { z } from 'zod';
import { inputSchema, sharedKeywords, withIntegerFormat, type JsonSchema } from './json-schema.ts';

/** A node of a structural schema, as `openAPIV3Schema` of a CustomResourceDefinition holds it. */
export interface Structural {
  description?: string;
  type?: string;
  properties?: Record<string, Structural>;
  additionalProperties?: Structural;
  items?: Structural;
  required?: string[];
  [keyword: string]: unknown;
}

/** A schema that Kubernetes cannot serve; the message starts with the path of the offending field. */
export class StructuralError extends Error {
  override name = 'StructuralError';
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path === '' ? '(root)' : path}: ${problem}`);
    this.path = path;
  }
}

type Json = JsonSchema;

const checks: Readonly<Record<string, (node: Json, path: string) => void>> = {
  string: checkString,
  array: checkList,
  object: checkObject,
  integer: () => undefined,
  number: () => undefined,
  boolean: () => undefined,
};

/** Keywords of Kubernetes that we use; the API server would drop or reject any other. */
const keywords = new Set<string>([...sharedKeywords, 'items', 'properties', 'additionalProperties']);

/**
 * Converts a zod schema to the structural schema of a CustomResourceDefinition: the input type, with defaults,
 * descriptions, bounds, and the `x-kubernetes-*` keys of `.meta()`.
 *
 * @throws StructuralError with the field's path on anything that the API server would reject, silently ignore, or evaluate
 *   differently from zod
 */
export function structuralSchema(schema: z.ZodType): Structural {
  const json = inputSchema(schema, (part, path) => {
    refuseFlags(part, path.filter((name) => name !== 'properties').join('.'));
  });
  return convert(json, '');
}

function convert(node: Json, path: string): Structural {
  if (node['x-kubernetes-int-or-string'] === true) return intOrString(node, path);
  for (const keyword of Object.keys(node)) {
    if (keyword.startsWith('x-kubernetes-') || keywords.has(keyword)) continue;
    throw new StructuralError(path, `${keyword} is not possible in a structural schema`);
  }
  const check = checks[String(node['type'])];
  if (check === undefined) throw new StructuralError(path, 'needs exactly one type');
  check(node, path);
  checkRules(node, path);
  // Older versions of kube-apiserver do not enforce the format int32 (1.32 accepts 2147483648), so that its bounds stay.
  return ordered(withChildren(withIntegerFormat(node, { keepInt32Bounds: true }), path));
}

function withChildren(node: Json, path: string): Structural {
  const { properties, items, additionalProperties, ...rest } = node;
  const out: Structural = rest;
  if (properties !== undefined) {
    out.properties = Object.fromEntries(
      Object.entries(properties as Json).map(([name, value]) => [name, convert(value as Json, join(path, name))]),
    );
  }
  if (items !== undefined) out.items = convert(items as Json, `${path}[]`);
  if (additionalProperties === undefined) return out;
  if (properties === undefined) out.additionalProperties = convert(additionalProperties as Json, `${path}{}`);
  else out['x-kubernetes-preserve-unknown-fields'] = true;
  return out;
}

function checkObject(node: Json, path: string): void {
  const { properties, additionalProperties } = node;
  if (additionalProperties === false) {
    throw new StructuralError(path, 'a strict object is not possible: unknown fields are pruned');
  }
  if (additionalProperties === undefined) return;
  const open = Object.keys(additionalProperties as Json).length === 0;
  if (properties !== undefined && !open) {
    throw new StructuralError(path, 'properties and additionalProperties exclude each other');
  }
  if (properties === undefined && node['maxProperties'] === undefined) {
    throw new StructuralError(path, 'a map needs maxProperties, because CEL rules would cost too much');
  }
}

function checkList(node: Json, path: string): void {
  if (node['maxItems'] === undefined) {
    throw new StructuralError(path, 'a list needs maxItems, because CEL rules would cost too much');
  }
  if (node['x-kubernetes-list-type'] !== 'map') return;
  const { properties = {}, required = [] } = node['items'] as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  for (const key of node['x-kubernetes-list-map-keys'] as string[]) {
    const property = properties[key];
    if (property === undefined || property['nullable'] === true) {
      throw new StructuralError(path, `the key ${key} must be a field of the items and not be nullable`);
    }
    if (!required.includes(key) && property['default'] === undefined) {
      throw new StructuralError(path, `the key ${key} must be required or have a default`);
    }
  }
}

function checkString(node: Json, path: string): void {
  if (node['maxLength'] === undefined && node['enum'] === undefined) {
    throw new StructuralError(path, 'a string needs maxLength, because CEL rules would cost too much');
  }
  const { pattern, format } = node;
  if (typeof format === 'string') {
    throw new StructuralError(path, `the API server defines the format ${format} differently: use a pattern`);
  }
  if (typeof pattern === 'string') checkPattern(pattern, path);
}

/** Refuses syntax of JavaScript's regular expressions that RE2 lacks or reads differently. */
function checkPattern(pattern: string, path: string): void {
  const text = pattern.replaceAll('\\\\', '');
  if (/\(\?<?[=!]/.test(text)) throw new StructuralError(path, `RE2 has no look-around: ${pattern}`);
  if (/\\[1-9]|\\k</.test(text)) throw new StructuralError(path, `RE2 has no back-references: ${pattern}`);
  if (/\\(u|c|s)/i.test(text)) throw new StructuralError(path, `RE2 reads \\u, \\c and \\s differently: ${pattern}`);
}

function refuseFlags(schema: z.core.$ZodType, path: string): void {
  const definitions = [schema._zod.def, ...(schema._zod.def.checks ?? []).map((check) => check._zod.def)];
  for (const { pattern } of definitions as { pattern?: unknown }[]) {
    if (!(pattern instanceof RegExp) || pattern.flags === '') continue;
    throw new StructuralError(path, `the flags ${pattern.flags} of a regular expression would be lost`);
  }
}

function checkRules(node: Json, path: string): void {
  for (const { rule, message } of (node['x-kubernetes-validations'] ?? []) as { rule?: string; message?: string }[]) {
    if (rule === undefined || message === undefined) throw new StructuralError(path, 'a CEL rule needs a message');
  }
}

/** The only union that Kubernetes supports; the bounds of each member apply to values of its type. */
function intOrString(node: Json, path: string): Structural {
  const { anyOf, ...rest } = node;
  const [integer, text, ...others] = (anyOf ?? []) as Json[];
  if (integer?.['type'] !== 'integer' || text?.['type'] !== 'string' || others.length > 0) {
    throw new StructuralError(path, 'int-or-string must be a union of an integer and a string, in this order');
  }
  checkString(text, path);
  const bounds: Record<string, unknown> = { ...integer, ...text };
  delete bounds['type'];
  return ordered({ ...rest, ...bounds, anyOf: [{ type: 'integer' }, { type: 'string' }] });
}

const firstKeywords = ['description', 'type', 'format', 'nullable', 'default', 'enum'];
const lastKeywords = ['required', 'properties', 'items', 'additionalProperties'];

/** Returns the keywords in a fixed order, so that the generated text does not depend on how a schema was composed. */
function ordered(node: Structural): Structural {
  const middle = Object.keys(node).filter((key) => !firstKeywords.includes(key) && !lastKeywords.includes(key));
  const keys = [...firstKeywords, ...middle.sort(), ...lastKeywords].filter((key) => key in node);
  return Object.fromEntries(keys.map((key) => [key, node[key]]));
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
