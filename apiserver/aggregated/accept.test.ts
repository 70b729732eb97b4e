import { describe, expect, it } from '@jest/globals';
import { negotiate } from './accept.ts';

const kubectl =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

describe('what a client takes', () => {
  it.each([
    [undefined, false, 'object'],
    ['', false, 'object'],
    ['*/*', false, 'object'],
    ['application/json, */*', true, 'object'],
    ['application/vnd.kubernetes.protobuf,application/json', true, 'object'],
    ['Application/JSON; charset=utf-8', false, 'object'],
    [kubectl, true, 'table'],
    [kubectl, false, 'object'],
    ['application/json;g=meta.k8s.io;as=Table;v=v1', true, 'table'],
    ['application/json;as=Table;g=meta.k8s.io;v=v1', false, undefined],
    ['application/json;q=0.9,application/json;as=Table;g=meta.k8s.io;v=v1;q=0.1', true, 'object'],
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', true, undefined],
    ['text/html', true, undefined],
    ['application/yaml', false, undefined],
    ['application/json;q=0', false, undefined],
    ['application/json;q=x', false, undefined],
    [',;=,', false, undefined],
  ])('%j (with a table: %s) is answered with %s', (accept, hasTable, expected) => {
    expect(negotiate(accept, hasTable)).toBe(expected);
  });
});
