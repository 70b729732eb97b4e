import { z } from 'zod';

/** The part of a JSON schema that defines fields. */
interface Shape {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly $defs?: Readonly<Record<string, Shape>>;
}

/** A value without the fields that its schema does not define. */
export interface Pruned {
  readonly value: unknown;
  /** Paths such as `spec.items[0].x`, at most 100. */
  readonly unknown: readonly string[];
}

const maxUnknown = 100;

/**
 * Returns a function that removes unknown fields from a value and lists them. A zod schema strips, refuses or passes
 * unknown fields; here the client chooses, so that they are found separately from parsing.
 */
export function pruner(schema: z.ZodType): (value: unknown) => Pruned {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
  return (value) => {
    const unknown: string[] = [];
    const pruned = prune(value, [root], '', { root, unknown });
    return { value: pruned, unknown };
  };
}

interface Walk {
  readonly root: Shape;
  readonly unknown: string[];
}

function prune(value: unknown, schemas: readonly Shape[], path: string, walk: Walk): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const shapes = schemas.flatMap((schema) => alternatives(schema, walk.root, 0));
  if (Array.isArray(value)) {
    const items = shapes.flatMap((shape) => shape.items ?? []);
    return value.map((item, index) => prune(item, items, `${path}[${index}]`, walk));
  }
  if (!shapes.some(describesObject)) return value;
  const kept: [string, unknown][] = [];
  for (const [key, field] of Object.entries(value)) {
    const under = path === '' ? key : `${path}.${key}`;
    const known = shapes.flatMap((shape) => fieldOf(shape, key));
    if (known.length > 0) kept.push([key, prune(field, known, under, walk)]);
    else if (walk.unknown.length < maxUnknown) walk.unknown.push(under);
  }
  // Never by assignment: a key may be __proto__.
  return Object.fromEntries(kept);
}

/** Returns the alternatives of a schema, with references and combinations resolved. */
function alternatives(schema: Shape, root: Shape, depth: number): Shape[] {
  if (depth > 16) return [];
  const combined = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (schema.$ref !== undefined) combined.push(resolve(schema.$ref, root));
  const own = combined.length === 0 || schema.properties !== undefined ? [schema] : [];
  return [...own, ...combined.flatMap((one) => alternatives(one, root, depth + 1))];
}

function resolve(reference: string, root: Shape): Shape {
  const name = reference.replace('#/$defs/', '');
  return reference === '#' ? root : (root.$defs?.[name] ?? {});
}

function describesObject({ type, properties, additionalProperties }: Shape): boolean {
  return type === 'object' || properties !== undefined || additionalProperties !== undefined;
}

/** Returns the schema of a field; none when the shape does not define it. */
function fieldOf(shape: Shape, key: string): Shape[] {
  if (key === '__proto__') return [];
  const { properties = {}, additionalProperties = false } = shape;
  if (Object.hasOwn(properties, key)) return properties[key] === undefined ? [] : [properties[key]];
  // A shape without type allows any field.
  if (shape.type === undefined && shape.properties === undefined && shape.additionalProperties === undefined)
    return [{}];
  if (additionalProperties === false) return [];
  return additionalProperties === true ? [{}] : [additionalProperties];
}
