import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { requestReader, type FieldValidation } from './request-object.ts';
import { StatusError } from '../../kubeapi/status.ts';

const about = { group: 'subresources.aegis.io', resource: 'aegisalerts', name: 'x', kind: 'EchoRequest' };
const schema = z.strictObject({
  reason: z.string().min(2).optional(),
  count: z.int().optional(),
  mode: z.enum(['fast', 'slow']).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  items: z.array(z.object({ name: z.string() })).optional(),
  either: z.union([z.string(), z.object({ a: z.string() }), z.object({ b: z.string() })]).optional(),
  any: z.unknown().optional(),
  wait: z.string().transform(Number).optional(),
});
const read = requestReader({
  summary: '',
  request: schema,
  requestKind: 'EchoRequest',
  response: z.unknown(),
  responseKind: 'Echo',
  handle: () => Promise.reject(new Error()),
});

function status(json: unknown, validation: FieldValidation = 'Strict') {
  try {
    return read(json, validation, about);
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
}

describe('the body of a request', () => {
  it('a request body is parsed by its schema', () => {
    const json = {
      reason: 'why',
      labels: { a: 'b' },
      items: [{ name: 'n' }],
      either: { b: 'x' },
      any: { x: { y: 1 } },
      wait: '5',
    };
    expect(status(json)).toEqual({ body: { ...json, wait: 5 }, warnings: [] });
    expect(status({})).toEqual({ body: {}, warnings: [] });
  });

  it('a request body is refused with all problems and their fields', () => {
    expect(status({ reason: 'x', mode: 'medium', items: [{}], unknown: 1, either: { c: 'x' } })).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: {
        causes: [
          { reason: 'FieldValueForbidden', field: 'unknown', message: 'unknown field "unknown"' },
          { reason: 'FieldValueForbidden', field: 'either.c' },
          { reason: 'FieldValueInvalid', field: 'reason' },
          { reason: 'FieldValueNotSupported', field: 'mode' },
          { reason: 'FieldValueRequired', field: 'items[0].name', message: 'Required value' },
          { field: 'either' },
        ],
      },
    });
  });

  it('a request body may have unknown fields where the client allows them', () => {
    const json = { reason: 'why', typo: 1, items: [{ name: 'n', typo: 2 }] };
    expect(status(json, 'Warn')).toEqual({
      body: { reason: 'why', items: [{ name: 'n' }] },
      warnings: ['unknown field "typo"', 'unknown field "items[0].typo"'],
    });
    expect(status(json, 'Ignore')).toMatchObject({ warnings: [], body: { reason: 'why' } });
  });

  it('a request body cannot change a prototype', () => {
    const json = JSON.parse(
      '{"__proto__": {"a": 1}, "any": {"__proto__": 1}, "labels": {"__proto__": "x"}}',
    ) as unknown;
    expect(status(json)).toMatchObject({ code: 422 });
    const { body } = status(json, 'Ignore') as { body: Record<string, unknown> };
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect('a' in body).toBe(false);
    expect(Object.keys(body['labels'] as object)).toEqual([]);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it.each(['9007199254740993', '-9007199254740993', '1e400', '1.5', '1e16'])(
    'a request body with the number %s is refused, because its value would change',
    (number) => {
      expect(status(JSON.parse(`{"count": ${number}}`))).toMatchObject({
        code: 422,
        details: { causes: [{ field: 'count' }] },
      });
    },
  );

  it('a request body may have apiVersion and kind, which must be correct', () => {
    const apiVersion = 'subresources.aegis.io/v1alpha1';
    expect(status({ apiVersion, kind: 'EchoRequest', reason: 'why' })).toMatchObject({ body: { reason: 'why' } });
    expect(status({ apiVersion: 'v1', kind: 'EchoRequest' })).toMatchObject({ code: 400 });
    expect(status({ apiVersion, kind: 'Other' })).toMatchObject({ code: 400 });
  });

  it.each([[null], [[]], ['text'], [1], [true]])('a request body of %j is refused because it is no object', (json) => {
    expect(status(json)).toMatchObject({ code: 400, reason: 'BadRequest' });
  });

  it('a request body may be nested deeply without harm', () => {
    const deep = `${'{"any":['.repeat(1)}${'['.repeat(100_000)}${']'.repeat(100_000)}]}`;
    expect(() => status(JSON.parse(deep))).not.toThrow();
  });

  it('a request body is refused, unless empty, where an operation has none', () => {
    const readNothing = requestReader({
      summary: '',
      response: z.unknown(),
      responseKind: 'Echo',
      handle: () => Promise.reject(new Error()),
    });
    expect(readNothing({}, 'Strict', about)).toEqual({ body: undefined, warnings: [] });
    expect(() => readNothing({ reason: 'x' }, 'Strict', about)).toThrow('unknown field');
  });
});
