import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { parseObject } from '../../crds/parse.ts';
import type { ValidationContext } from './can-i.ts';
import type { AdmissionRequest } from './review.ts';
import { admitted, wrong, type ValidationResult } from './result.ts';

/** Judges objects of one kind; changes nothing anywhere. */
export type Validator<T extends KubeObject> = (object: T, context: ValidationContext) => Promise<ValidationResult>;

/** A kind and who judges it. */
export interface ValidatedKind {
  readonly type: ResourceType;
  validate(request: AdmissionRequest, signal: AbortSignal): Promise<ValidationResult>;
}

/** Puts before a validate what every kind needs: only what is new is validated, and only what can be read. */
export function validated<T extends KubeObject>(type: ResourceType<T>, validate: Validator<T>): ValidatedKind {
  return {
    type,
    validate: async (request, signal) => {
      if (!isNew(request)) return admitted;
      const parsed = parseObject(type, request.object);
      if (!parsed.ok) {
        return { causes: parsed.errors.map(({ path, message }) => wrong(path, message)), warnings: [] };
      }
      // The API server has made sure that the object has this one.
      const metadata = { ...parsed.object.metadata, ...(type.namespaced ? { namespace: request.namespace } : {}) };
      return validate({ ...parsed.object, metadata }, { user: request.user, signal });
    },
  };
}

/**
 * Whether the request brings a spec that nobody has validated yet. An object that became invalid must still take labels,
 * lose its finalizers and be deleted; statuses are Aegis's own.
 */
function isNew({ operation, subresource, object, oldObject }: AdmissionRequest): boolean {
  if (subresource !== '') return false;
  if (operation === 'CREATE') return true;
  return operation === 'UPDATE' && !sameSpec(object, oldObject);
}

function sameSpec(a: unknown, b: unknown): boolean {
  const [spec, old] = [specOf(a), specOf(b)];
  try {
    return spec !== undefined && old !== undefined && isDeepStrictEqual(spec, old);
  } catch (error) {
    // Nested deeper than can be followed: nothing that is admitted has such a spec.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function specOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'spec')) return undefined;
  return (value as { spec: unknown }).spec;
}
