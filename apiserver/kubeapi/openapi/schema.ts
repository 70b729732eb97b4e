import type { z } from 'zod';
import { inputSchema, sharedKeywords, withIntegerFormat, type JsonSchema } from '../../../crds/json-schema.ts';

/** A JSON Schema node in the dialect of one of the OpenAPI versions. */
export type Schema = JsonSchema;

const keywords = new Set<string>([...sharedKeywords, 'exclusiveMinimum', 'exclusiveMaximum', 'uniqueItems']);

/**
 * Returns a zod schema in the dialect of OpenAPI 3.0: the type of a request or a response.
 *
 * @throws Error on types that JSON does not have
 */
export function openApiSchema(schema: z.ZodType): Schema {
  return convert(inputSchema(schema));
}

function convert(node: Schema): Schema {
  const out: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(withIntegerFormat(timeFormat(node), { keepInt32Bounds: false }))) {
    if (keywords.has(keyword) || keyword.startsWith('x-kubernetes-')) out[keyword] = value;
    else if (keyword === 'properties') out[keyword] = mapValues(value as Record<string, Schema>, convert);
    else if (keyword === 'items') out[keyword] = convert(value as Schema);
    else if (['allOf', 'anyOf', 'oneOf'].includes(keyword)) out[keyword] = (value as Schema[]).map(convert);
    // Unknown fields of a strict object are refused by the handler; in the schema, false would confuse clients.
    else if (keyword === 'additionalProperties' && typeof value === 'object') out[keyword] = convert(value as Schema);
  }
  return sorted(out);
}

/** Drops the pattern that zod adds to a time: the format suffices. */
function timeFormat(node: Schema): Schema {
  if (node['format'] !== 'date-time') return node;
  const { pattern, ...rest } = node;
  return pattern === undefined ? node : rest;
}

/** Keywords in one order, so that the same schema always gives the same bytes. */
function sorted(node: Schema): Schema {
  return Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function mapValues<A, B>(map: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
