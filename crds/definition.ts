import type { z } from 'zod';
import type { KubeObject, ResourceType } from './object.ts';
import { structuralSchema, type Structural } from './structural.ts';

/** A column of `kubectl get`; one with a priority above 0 is shown by `-o wide` only. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  jsonPath: string;
  priority?: number;
  description?: string;
}

/** The definition of one kind, as its CustomResourceDefinition contains it. */
export interface KindDefinition<T extends KubeObject = KubeObject> {
  resource: ResourceType<T>;
  schema: z.ZodType;
  shortNames: string[];
  columns: Column[];
  /** Paths that `--field-selector` accepts; at most 8. */
  selectableFields: string[];
}

/** A CustomResourceDefinition, as far as Aegis writes it. */
export interface CustomResourceDefinition extends KubeObject {
  spec: Record<string, unknown>;
}

/** Set by the API server on every object. */
const builtIn = new Set(['.metadata.name', '.metadata.creationTimestamp']);

/**
 * Returns the CustomResourceDefinition of a kind.
 *
 * @throws Error when a column or selectable field names no field of the schema; StructuralError from the schema
 */
export function customResourceDefinition(kind: KindDefinition): CustomResourceDefinition {
  const { resource, shortNames, columns, selectableFields } = kind;
  const schema = rootSchema(structuralSchema(kind.schema));
  for (const path of [...columns.map(({ jsonPath }) => jsonPath), ...selectableFields]) {
    if (!builtIn.has(path)) requireField(schema, path, resource.kind);
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${resource.plural}.${resource.group}`,
      labels: { 'app.kubernetes.io/part-of': 'aegis' },
    },
    spec: {
      group: resource.group,
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        plural: resource.plural,
        singular: resource.kind.toLowerCase(),
        shortNames,
        categories: ['aegis'],
      },
      versions: [
        {
          name: resource.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

/** The API server itself validates apiVersion, kind and metadata, and accepts no schema for most of metadata. */
function rootSchema({ properties = {}, required = [], ...root }: Structural): Structural {
  const typeMeta = (name: string): Structural => ({ description: properties[name]?.description ?? '', type: 'string' });
  return {
    ...root,
    required: required.filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name)),
    properties: {
      ...properties,
      apiVersion: typeMeta('apiVersion'),
      kind: typeMeta('kind'),
      metadata: { type: 'object' },
    },
  };
}

/** Parts of the path after a filter or an index are not checked. */
function requireField(schema: Structural, path: string, kind: string): void {
  const names = (path.split('[')[0] ?? '').split('.').slice(1);
  let node: Structural | undefined = schema;
  for (const name of names) node = node?.properties?.[name];
  if (node === undefined) throw new Error(`${kind} has no field ${path}`);
}
