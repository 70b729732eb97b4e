import type { z } from 'zod';
import { subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource, Operation, Subresource } from '../api.ts';
import { answerOf, isOurs, kindOf, verbsOf, type GroupVersionKind } from '../gvk.ts';
import { openApiSchema, type Schema } from './schema.ts';

/** By component name. */
export type Components = Readonly<Record<string, Schema>>;

/** The reversed group, so that names stay unique when kube-apiserver merges the components of all servers. */
const prefix = `io.aegis.subresources.${subresourceVersion}`;

/** Returns the reference `#/components/schemas/...` to a kind of this group. */
export function referenceTo(kind: string): Schema {
  return { $ref: `#/components/schemas/${prefix}.${kind}` };
}

const typeMeta = {
  apiVersion: { type: 'string', description: 'Group and version of this kind.' },
  kind: { type: 'string', description: 'The name of this kind.' },
};

/**
 * Returns the schemas of all kinds of this group: parents, requests and answers.
 *
 * @throws Error when one kind has two schemas
 */
export function components(resources: readonly ApiResource[]): Components {
  const found = new Map<string, Schema>();
  const add = (kind: string, schema: Schema): void => {
    const name = `${prefix}.${kind}`;
    const known = found.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two schemas for the kind ${kind} of this group`);
    }
    found.set(name, schema);
  };
  for (const resource of resources) {
    add(resource.kind, parentSchema(resource));
    for (const operation of resource.subresources.flatMap(operationsOf)) addKinds(operation, add);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function operationsOf({ get, create }: Subresource): Operation[] {
  return [get, create].filter((operation) => operation !== undefined);
}

function addKinds(operation: Operation, add: (kind: string, schema: Schema) => void): void {
  const { request, requestKind, response, responseKind } = operation;
  if (request !== undefined && requestKind !== undefined) add(requestKind, ownSchema(request, requestKind, {}));
  if (isOurs(answerOf(operation))) add(responseKind, ownSchema(response, responseKind, typeMeta));
}

function ownSchema(schema: z.ZodType, kind: string, always: Readonly<Record<string, Schema>>): Schema {
  const { properties = {}, ...rest } = openApiSchema(schema) as { properties?: Record<string, Schema> };
  return { ...rest, properties: { ...always, ...properties }, ...groupVersionKinds(kindOf(kind)) };
}

function groupVersionKinds(kind: GroupVersionKind): Schema {
  return { 'x-kubernetes-group-version-kind': [kind] };
}

/** Returns the schema of a parent, whose description lists the subresources for `kubectl explain`. */
function parentSchema(resource: ApiResource): Schema {
  const { kind, name, subresources } = resource;
  const lines = subresources.map((subresource) => {
    const what = operationsOf(subresource)
      .map(({ summary }) => summary)
      .join(' ');
    return `${name}/${subresource.name} (${verbsOf(subresource).join(', ')}): ${what}`;
  });
  return {
    type: 'object',
    description: [`Subresources of ${kind}. This group stores no objects.`, ...lines].join('\n\n'),
    properties: {
      ...typeMeta,
      metadata: { type: 'object', description: 'Name and namespace of the object.' },
    },
    ...groupVersionKinds(kindOf(kind)),
  };
}
