import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { list, mapList, mapOf, text } from './schema.ts';
import { structuralSchema, StructuralError } from './structural.ts';

const word = text(10);

describe('structuralSchema', () => {
  it('structuralSchema describes the input: fields with a default are not required', () => {
    const schema = z.object({ a: word, b: word.optional(), c: word.default('x').describe('The c.') });
    expect(structuralSchema(schema)).toEqual({
      type: 'object',
      required: ['a'],
      properties: {
        a: { type: 'string', maxLength: 10 },
        b: { type: 'string', maxLength: 10 },
        c: { description: 'The c.', type: 'string', default: 'x', maxLength: 10 },
      },
    });
  });

  it('structuralSchema gives an object with prefault its default, so that nested defaults apply', () => {
    const schema = z.object({ status: z.object({ count: z.int32().default(1) }).prefault({}) });
    expect(structuralSchema(schema).properties?.['status']).toMatchObject({
      default: {},
      properties: { count: { default: 1 } },
    });
  });

  it('structuralSchema writes number limits as formats and keeps explicit bounds', () => {
    const schema = z.object({
      small: z.int32(),
      count: z.int32().min(0).max(10),
      large: z.int().min(0),
      ratio: z.number().min(0),
    });
    expect(structuralSchema(schema).properties).toEqual({
      small: { type: 'integer', format: 'int32', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
      count: { type: 'integer', format: 'int32', minimum: 0, maximum: 10 },
      large: { type: 'integer', format: 'int64', minimum: 0 },
      ratio: { type: 'number', minimum: 0 },
    });
  });

  it('structuralSchema writes enums, maps and lists', () => {
    const schema = z.object({ mode: z.enum(['A', 'B']), map: mapOf(word, 3), words: list(word, 4) });
    expect(structuralSchema(schema).properties).toEqual({
      mode: { type: 'string', enum: ['A', 'B'] },
      map: { type: 'object', maxProperties: 3, additionalProperties: { type: 'string', maxLength: 10 } },
      words: { type: 'array', maxItems: 4, items: { type: 'string', maxLength: 10 } },
    });
  });

  it('structuralSchema keeps unknown fields of loose objects', () => {
    expect(structuralSchema(z.looseObject({ a: word }))).toMatchObject({
      properties: { a: { type: 'string' } },
      'x-kubernetes-preserve-unknown-fields': true,
    });
  });

  it('structuralSchema writes the only union that Kubernetes supports', () => {
    const schema = z
      .union([z.int32().min(0), word.regex(/^[0-9]+%$/)])
      .meta({ 'x-kubernetes-int-or-string': true })
      .describe('How much.');
    expect(structuralSchema(schema)).toEqual({
      description: 'How much.',
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      minimum: 0,
      maximum: 2 ** 31 - 1,
      maxLength: 10,
      pattern: '^[0-9]+%$',
    });
  });

  it('structuralSchema does not depend on the order in which a schema was composed', () => {
    const one = structuralSchema(text(5).min(1).describe('D'));
    const other = structuralSchema(z.string().describe('D').min(1).max(5).describe('D'));
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  const recursive: z.ZodType = z.object({
    get child() {
      return recursive.optional();
    },
  });

  it.each<[string, z.ZodType, RegExp]>([
    ['a text without a bound', z.string(), /^a\.b: a string needs maxLength/],
    ['a list without a bound', z.array(word), /^a\.b: a list needs maxItems/],
    ['a map without a bound', z.record(z.string(), word), /^a\.b: a map needs maxProperties/],
    ['a text without a bound in a list', list(z.string(), 3), /^a\.b\[\]: a string needs maxLength/],
    ['a text without a bound in a map', mapOf(z.string(), 3), /^a\.b\{\}: a string needs maxLength/],
    ['a strict object', z.strictObject({ c: word }), /^a\.b: a strict object/],
    ['fields beside a map', z.object({ c: word }).catchall(word), /^a\.b: properties and additionalProperties/],
    ['two patterns', word.regex(/a/).regex(/b/), /^a\.b: allOf/],
    ['look-ahead', word.regex(/^(?!x)/), /^a\.b: RE2 has no look-around/],
    ['look-behind', word.regex(/(?<=x)y/), /^a\.b: RE2 has no look-around/],
    ['a format, which the API server judges otherwise', z.email().max(10), /^a\.b: .* format email/],
    ['a back-reference', word.regex(/(a)\1/), /^a\.b: RE2 has no back-references/],
    ['white space, which RE2 reads otherwise', word.regex(/^\S+$/), /^a\.b: RE2 reads/],
    ['a code point, which RE2 writes otherwise', word.regex(/\u00e9/), /^a\.b: RE2 reads/],
    ['flags, which a schema cannot hold', word.regex(/a/i), /^a\.b: the flags i/],
    ['any value', z.any(), /^a\.b: needs exactly one type/],
    ['a union', z.union([word, z.boolean()]), /^a\.b: anyOf/],
    ['a discriminated union', z.discriminatedUnion('k', [z.object({ k: z.literal('a') })]), /^a\.b: (oneOf|anyOf)/],
    [
      'an int-or-string of something else',
      z.union([word, z.int32()]).meta({ 'x-kubernetes-int-or-string': true }),
      /^a\.b: int-or-string/,
    ],
    [
      'a map list whose key is optional',
      mapList(z.object({ k: word.optional() }), ['k'], 3),
      /^a\.b: the key k must be required/,
    ],
    ['a map list whose key is no field', mapList(z.object({ k: word }), ['l'], 3), /^a\.b: the key l must be a field/],
    [
      'a map list whose key may be null',
      mapList(z.object({ k: word.nullable() }), ['k'], 3),
      /^a\.b: the key k .*nullable/,
    ],
    ['an unknown keyword', word.meta({ patternProperties: {} }), /^a\.b: patternProperties is not possible/],
    ['a rule without a message', word.meta({ 'x-kubernetes-validations': [{ rule: 'true' }] }), /^a\.b: a CEL rule/],
  ])('structuralSchema refuses %s and names its path', (_, schema, message) => {
    expect(() => structuralSchema(z.object({ a: z.object({ b: schema }) }))).toThrow(message);
    expect(() => structuralSchema(z.object({ a: z.object({ b: schema }) }))).toThrow(StructuralError);
  });

  it.each<[string, z.ZodType]>([
    ['recursion', recursive],
    ['a date', z.date()],
    ['a transformed value', z.string().transform(Number).pipe(z.coerce.date<number>())],
    ['a set', z.set(word)],
  ])('structuralSchema refuses %s', (_, schema) => {
    expect(() => structuralSchema(z.object({ a: schema }))).toThrow();
  });

  it('structuralSchema accepts an escaped backslash before a digit', () => {
    expect(() => structuralSchema(word.regex(/\\1/))).not.toThrow();
  });
});
