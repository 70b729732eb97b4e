import { mapValues, type Schema } from './schema.ts';
import type { OpenApiV3 } from './v3.ts';

/** Keywords that Swagger 2.0 does not have. */
const unknown = new Set(['nullable', 'anyOf', 'oneOf', 'allOf', 'x-kubernetes-validations']);

/** Returns `/openapi/v2`: the document in Swagger 2.0, without the parts that Swagger 2.0 cannot express. */
export function openApiV2({ info, paths, components }: OpenApiV3): object {
  return {
    swagger: '2.0',
    info,
    paths: mapValues(paths, pathItem),
    definitions: mapValues(components.schemas, schemaV2),
  };
}

function pathItem({ parameters, ...operations }: Schema): Schema {
  return {
    ...mapValues(operations as Record<string, Schema>, operationV2),
    parameters: (parameters as Schema[]).map(parameterV2),
  };
}

function operationV2({ parameters = [], requestBody, responses, ...rest }: Schema): Schema {
  const query = (parameters as Schema[]).map(parameterV2);
  const all = requestBody === undefined ? query : [{ name: 'body', in: 'body', schema: bodyOf(requestBody) }, ...query];
  return {
    ...rest,
    ...(requestBody === undefined ? {} : { consumes: ['application/json'] }),
    produces: ['application/json'],
    ...(all.length === 0 ? {} : { parameters: all }),
    responses: mapValues(responses as Record<string, Schema>, ({ description, content }) => ({
      description,
      ...(content === undefined ? {} : { schema: bodyOf({ content }) }),
    })),
  };
}

/** Returns the schema of the only media type. */
function bodyOf(holder: unknown): Schema {
  const { content } = holder as { content: { 'application/json': { schema: Schema } } };
  return schemaV2(content['application/json'].schema);
}

function parameterV2({ schema, ...rest }: Schema): Schema {
  return { ...rest, ...(schema as Schema) };
}

function schemaV2(node: Schema): Schema {
  if (typeof node['$ref'] === 'string') {
    return { $ref: node['$ref'].replace('#/components/schemas/', '#/definitions/') };
  }
  // Old versions of kubectl reject null where a type is given.
  if (node['nullable'] === true) return { description: node['description'] ?? '' };
  const out: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (unknown.has(keyword)) continue;
    if (keyword === 'properties') out[keyword] = mapValues(value as Record<string, Schema>, schemaV2);
    else if (keyword === 'items') out[keyword] = schemaV2(value as Schema);
    else if (keyword === 'additionalProperties') out[keyword] = schemaV2(value as Schema);
    else out[keyword] = value;
  }
  return out;
}
