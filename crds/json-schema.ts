import { z } from 'zod';

/** A node of a JSON schema as zod writes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords without child schemas that both structural schemas and OpenAPI documents have. */
export const sharedKeywords = [
  ...['description', 'type', 'format', 'enum', 'default', 'nullable', 'pattern', 'minLength', 'maxLength'],
  ...['minimum', 'maximum', 'multipleOf', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'required'],
] as const;

/**
 * Returns the input type of a zod schema in the dialect of OpenAPI 3.0, without references.
 *
 * @param onSchema is called with each schema and its path
 * @throws Error on types that JSON does not have
 */
export function inputSchema(
  schema: z.ZodType,
  onSchema: (schema: z.core.$ZodType, path: readonly (string | number)[]) => void = () => undefined,
): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    cycles: 'throw',
    reused: 'inline',
    unrepresentable: 'throw',
    override: ({ zodSchema, path }) => {
      onSchema(zodSchema, path);
    },
  });
}

const safeIntegers = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
const int32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };

/**
 * Returns an integer with a format instead of the limits of its number type, which zod writes as bounds; Kubernetes has a
 * format for them. Other nodes are returned unchanged.
 *
 * @param keepInt32Bounds keep the bounds of an int32 beside the format
 */
export function withIntegerFormat(node: JsonSchema, { keepInt32Bounds }: { keepInt32Bounds: boolean }): JsonSchema {
  if (node['type'] !== 'integer') return node;
  const { minimum = -Infinity, maximum = Infinity, ...rest } = node as { minimum?: number; maximum?: number };
  const limits = new Set([-Infinity, Infinity, ...safeIntegers, ...(keepInt32Bounds ? [] : Object.values(int32))]);
  return {
    ...rest,
    format: minimum >= int32.minimum && maximum <= int32.maximum ? 'int32' : 'int64',
    ...(limits.has(minimum) ? {} : { minimum }),
    ...(limits.has(maximum) ? {} : { maximum }),
  };
}
