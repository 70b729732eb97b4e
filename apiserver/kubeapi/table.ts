import { parseAccept, takesJson, takesKind } from './media-types.ts';
import type { Operation } from './api.ts';

const tableKind = { group: 'meta.k8s.io', version: 'v1', kind: 'Table' };

/**
 * Returns the representation that a client prefers.
 *
 * @param tables whether the operation supports tables, see `Operation.table`
 * @returns undefined when the client accepts none: 406
 */
export function negotiate(accept: string | undefined, tables = true): 'json' | 'table' | undefined {
  for (const range of parseAccept(accept)) {
    if (takesJson(range)) return 'json';
    if (tables && takesKind(range, tableKind)) return 'table';
  }
  return undefined;
}

/**
 * Returns a `meta.k8s.io/v1` Table of an answer; undefined when the operation has none. Each row carries the metadata of
 * the answer, since all rows belong to one object.
 */
export function toTable({ table }: Pick<Operation, 'table'>, object: object): object | undefined {
  if (table === undefined) return undefined;
  const { columns, rows } = table(object);
  const { metadata = {} } = object as { metadata?: object };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: columns.map(({ name, type, priority = 0 }) => ({
      name,
      type,
      // kubectl uses the column of format `name` as the name of the object.
      format: name.toLowerCase() === 'name' ? 'name' : '',
      description: '',
      priority,
    })),
    rows: rows.map((cells) => ({
      cells,
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
    })),
  };
}
