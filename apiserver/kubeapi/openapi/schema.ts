import { z } from 'zod';

/** A JSON Schema node in the dialect of one of the OpenAPI versions. */
export type Schema = Readonly<Record<string, unknown>>;

/** Keywords of both Kubernetes and OpenAPI 3.0; others are dropped. */
const keywords = new Set([
  ...['description', 'type', 'format', 'enum', 'default', 'nullable', 'pattern', 'minLength', 'maxLength'],
  ...[
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
    'minItems',
    'maxItems',
    'uniqueItems',
  ],
  ...['minProperties', 'maxProperties', 'required'],
]);

/**
 * Converts a zod schema to OpenAPI 3.0.
 *
 * @throws Error for types that JSON cannot represent
 */
export function openApiSchema(schema: z.ZodType): Schema {
  return convert(
    z.toJSONSchema(schema, {
      target: 'openapi-3.0',
      io: 'input',
      cycles: 'throw',
      reused: 'inline',
      unrepresentable: 'throw',
    }),
  );
}

function convert(node: Schema): Schema {
  const out: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(numberFormat(timeFormat(node)))) {
    if (keywords.has(keyword) || keyword.startsWith('x-kubernetes-')) out[keyword] = value;
    else if (keyword === 'properties') out[keyword] = mapValues(value as Record<string, Schema>, convert);
    else if (keyword === 'items') out[keyword] = convert(value as Schema);
    else if (['allOf', 'anyOf', 'oneOf'].includes(keyword)) out[keyword] = (value as Schema[]).map(convert);
    // Unknown fields are reported by the server; `additionalProperties: false` would only confuse clients.
    else if (keyword === 'additionalProperties' && typeof value === 'object') out[keyword] = convert(value as Schema);
  }
  return sorted(out);
}

/** Drops the pattern that zod adds to the format: it covers every leap year. */
function timeFormat(node: Schema): Schema {
  if (node['format'] !== 'date-time') return node;
  const { pattern, ...rest } = node;
  return pattern === undefined ? node : rest;
}

/** Replaces the bounds that zod writes for integer types by a format, as in Kubernetes. */
function numberFormat(node: Schema): Schema {
  if (node['type'] !== 'integer') return node;
  const { minimum = -Infinity, maximum = Infinity, ...rest } = node as { minimum?: number; maximum?: number };
  const int32 = minimum >= -(2 ** 31) && maximum <= 2 ** 31 - 1;
  const noise = new Set([-(2 ** 31), 2 ** 31 - 1, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
  const bounds = Object.entries({ minimum, maximum }).filter(
    ([, bound]) => Number.isFinite(bound) && !noise.has(bound),
  );
  return { ...rest, format: int32 ? 'int32' : 'int64', ...Object.fromEntries(bounds) };
}

/** Sorts the keywords, so that the same schema always has the same bytes. */
function sorted(node: Schema): Schema {
  return Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function mapValues<A, B>(map: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
