import { describe, expect, it } from '@jest/globals';
import { sample } from '../../test/aggregated/support/sample.ts';
import { negotiate, toTable } from './table.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('the media type that a client prefers', () => {
  it.each([
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/json, */*', 'json'],
    [table, 'table'],
    [`${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, 'table'],
    [`${table};q=0.1,application/json`, 'json'],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io', undefined],
    ['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', undefined],
    ['application/vnd.kubernetes.protobuf', undefined],
    ['application/vnd.kubernetes.protobuf, application/json', 'json'],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
  ])('the representation for Accept %s is %s', (accept, wanted) => {
    expect(negotiate(accept)).toBe(wanted);
  });

  it('the representation is plain JSON where there is no table and the client accepts it', () => {
    expect(negotiate(`${table},application/json`, false)).toBe('json');
    expect(negotiate(table, false)).toBeUndefined();
  });
});

describe('a table', () => {
  const [inspect, trigger] = sample[0]!.subresources;
  const metadata = { name: 'a', namespace: 'ns', uid: 'u' };

  it('a table has the columns and rows of the operation, with the metadata of the answer', () => {
    const rules = [
      { name: 'r1', matches: true },
      { name: 'r2', matches: false },
    ];
    expect(toTable(inspect!.get!, { metadata, rules })).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: {},
      columnDefinitions: [
        { name: 'Rule', type: 'string', format: '', description: '', priority: 0 },
        { name: 'Matches', type: 'string', format: '', description: '', priority: 1 },
      ],
      rows: [
        {
          cells: ['r1', 'true'],
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
        },
        {
          cells: ['r2', 'false'],
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
        },
      ],
    });
  });

  it('an operation without rows has no table', () => {
    expect(toTable(trigger!.get!, { metadata })).toBeUndefined();
  });
});
