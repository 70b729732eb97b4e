import { describe, expect, it } from '@jest/globals';
import { RE2JS } from 're2js';
import { stringify } from 'yaml';
import { customResourceDefinition, type KindDefinition } from './definition.ts';
import { kinds } from './kinds.ts';
import { structuralSchema, type Structural } from './structural.ts';

const cases = kinds.map((kind): [string, KindDefinition] => [kind.resource.kind, kind]);

/** Every field below `node`, with its path. */
function fields(node: Structural, path = ''): [string, Structural][] {
  const children = Object.entries(node.properties ?? {}).map(([name, child]): [string, Structural] => [
    path === '' ? name : `${path}.${name}`,
    child,
  ]);
  const deeper = children.flatMap(([name, child]) => [[name, child] as [string, Structural], ...fields(child, name)]);
  const items = node.items === undefined ? [] : fields(node.items, `${path}[]`);
  const values = node.additionalProperties === undefined ? [] : fields(node.additionalProperties, `${path}{}`);
  return [...deeper, ...items, ...values];
}

/** Every pattern below `node`, also of items and values. */
function patterns(node: Structural): string[] {
  const own = typeof node['pattern'] === 'string' ? [node['pattern']] : [];
  const children = [...Object.values(node.properties ?? {}), node.items, node.additionalProperties];
  return [...own, ...children.flatMap((child) => (child === undefined ? [] : patterns(child)))];
}

describe('the kinds', () => {
  it('there are nine kinds with distinct names', () => {
    const names = kinds.flatMap(({ resource, shortNames }) => [
      resource.plural,
      resource.kind.toLowerCase(),
      ...shortNames,
    ]);
    expect(kinds).toHaveLength(9);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(cases)('the schema of %s describes each of its fields', (_, { schema }) => {
    const undescribed = fields(structuralSchema(schema))
      .filter(([path, { description }]) => !path.startsWith('metadata') && (description ?? '').trim() === '')
      .map(([path]) => path);
    expect(undescribed).toEqual([]);
    expect(structuralSchema(schema).description).not.toBe('');
  });

  it.each(cases)('the schema of %s has only patterns that RE2 compiles', (_, { schema }) => {
    for (const pattern of patterns(structuralSchema(schema))) expect(() => RE2JS.compile(pattern)).not.toThrow();
  });

  it.each(cases)('the definition of %s has a status, conditions and a category', (_, kind) => {
    const { spec } = customResourceDefinition(kind) as unknown as {
      spec: { names: { categories: string[] }; versions: { subresources: unknown }[] };
    };
    expect(spec.names.categories).toEqual(['aegis']);
    expect(spec.versions[0]?.subresources).toEqual({ status: {} });
    const conditions = structuralSchema(kind.schema).properties?.['status']?.properties?.['conditions'];
    expect(conditions).toMatchObject({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });
  });

  it.each(cases)('the definition of %s has at most 8 selectable fields, and columns for wide output', (_, kind) => {
    expect(kind.selectableFields.length).toBeLessThanOrEqual(8);
    expect(kind.columns.some(({ priority = 0 }) => priority > 0)).toBe(true);
    expect(kind.shortNames).not.toEqual([]);
  });

  it.each(cases)('the definition of %s fits into the annotation of kubectl apply', (_, kind) => {
    expect(stringify(customResourceDefinition(kind)).length).toBeLessThan(64_000);
  });
});

describe('customResourceDefinition', () => {
  const [first] = kinds;

  it('customResourceDefinition refuses a column without a field', () => {
    const columns = [{ name: 'X', type: 'string' as const, jsonPath: '.spec.nope' }];
    expect(() => customResourceDefinition({ ...first!, columns })).toThrow('AegisAlert has no field .spec.nope');
  });

  it('customResourceDefinition refuses a selectable field that does not exist', () => {
    expect(() => customResourceDefinition({ ...first!, selectableFields: ['.status.nope.nope'] })).toThrow(
      'AegisAlert has no field .status.nope.nope',
    );
  });

  it('customResourceDefinition leaves metadata to the API server', () => {
    const { spec } = customResourceDefinition(first!) as unknown as {
      spec: { versions: { schema: { openAPIV3Schema: Structural } }[] };
    };
    const schema = spec.versions[0]!.schema.openAPIV3Schema;
    expect(schema.required).toEqual(['spec']);
    expect(schema.properties?.['metadata']).toEqual({ type: 'object' });
  });
});
