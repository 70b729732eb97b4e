import { z } from 'zod';
import type { Operation } from '../../kubeapi/api.ts';
import { groupVersion } from '../../kubeapi/gvk.ts';
import { pruner, type Pruned } from './field-pruning.ts';
import { badRequest, invalid, type Named, type StatusCause } from '../../kubeapi/status.ts';

/** A parsed body, with warnings for the client. */
export interface RequestObject {
  /** Output of the operation's schema; undefined where it has none. */
  readonly body: unknown;
  readonly warnings: readonly string[];
}

/** How to treat unknown fields. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** Parses JSON as the request of one operation. @throws StatusError 400 or 422 */
export type RequestReader = (json: unknown, validation: FieldValidation, about: About) => RequestObject;

/** The object that messages name. */
export type About = Named & { readonly kind: string };

const nothing = z.object({});

/** Creates the reader for the requests of an operation, which prepares its schema once. */
export function requestReader({ request, requestKind }: Operation): RequestReader {
  const prune = pruner(request ?? nothing);
  return (json, validation, about) => {
    const fields = withoutTypeMeta(json, requestKind);
    const { value, unknown } = limited(() => prune(fields));
    const result = limited(() => (request ?? nothing).safeParse(value));
    const refused = validation === 'Strict' ? unknown.map(unknownField) : [];
    const wrong = result.success ? [] : result.error.issues.map((issue) => causeOf(issue, value));
    if (refused.length + wrong.length > 0) throw invalid(about, [...refused, ...wrong].slice(0, maxCauses));
    return {
      body: request === undefined ? undefined : result.data,
      warnings: validation === 'Warn' ? unknown.map((path) => unknownField(path).message) : [],
    };
  };
}

const maxCauses = 100;
const maxMessage = 512;

/** Removes apiVersion and kind, which a client may send as for any object of Kubernetes; they must be correct. */
function withoutTypeMeta(json: unknown, requestKind: string | undefined): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badRequest('the body of the request is not a JSON object');
  }
  const { apiVersion = groupVersion, kind = requestKind, ...fields } = json as Record<string, unknown>;
  if (apiVersion !== groupVersion || kind !== requestKind) {
    throw badRequest(`the body of the request must be of ${groupVersion}, kind ${requestKind ?? '(none)'}`);
  }
  return fields;
}

/** @throws StatusError 400 for a body so deeply nested that it exhausts the stack */
function limited<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw badRequest('the body of the request is nested too deeply');
    throw error;
  }
}

function unknownField(path: Pruned['unknown'][number]): StatusCause {
  const field = path.slice(0, maxMessage);
  return { reason: 'FieldValueForbidden', message: `unknown field ${JSON.stringify(field)}`, field };
}

function causeOf({ code, path, message }: z.core.$ZodIssue, value: unknown): StatusCause {
  const field = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, maxMessage);
  const isMissing = code === 'invalid_type' && valueAt(value, path) === undefined;
  const reason = isMissing
    ? 'FieldValueRequired'
    : code === 'invalid_value'
      ? 'FieldValueNotSupported'
      : 'FieldValueInvalid';
  return {
    reason,
    message: isMissing ? 'Required value' : message.slice(0, maxMessage),
    ...(field === '' ? {} : { field }),
  };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  );
}
