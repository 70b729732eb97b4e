import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { parseObject } from '../../crds/parse.ts';
import type { ValidationContext } from './can-i.ts';
import type { AdmissionRequest } from './review.ts';
import { admitted, wrong, type ValidationResult } from './result.ts';

/** Validates objects of one kind; has no side effects. */
export type Validator<T extends KubeObject> = (object: T, context: ValidationContext) => Promise<ValidationResult>;

/** A kind with its validator. */
export interface ValidatedKind {
  readonly type: ResourceType;
  validate(request: AdmissionRequest, signal: AbortSignal): Promise<ValidationResult>;
}

/** Adds to a validator what all kinds need: only new specs are validated, and only objects that can be parsed. */
export function validated<T extends KubeObject>(type: ResourceType<T>, validate: Validator<T>): ValidatedKind {
  return {
    type,
    validate: async (request, signal) => {
      if (!isNew(request)) return admitted;
      const parsed = parseObject(type, request.object);
      if (!parsed.ok) {
        return { causes: parsed.errors.map(({ path, message }) => wrong(path, message)), warnings: [] };
      }
      // The API server has set this namespace.
      const metadata = { ...parsed.object.metadata, ...(type.namespaced ? { namespace: request.namespace } : {}) };
      return validate({ ...parsed.object, metadata }, { user: request.user, signal });
    },
  };
}

/**
 * Returns whether the request has a spec that was not validated yet. An object that became invalid must still accept
 * labels, lose its finalizers and be deleted; its status is written by Aegis only.
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
    // Too deeply nested to compare: no admitted object has such a spec.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function specOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'spec')) return undefined;
  return (value as { spec: unknown }).spec;
}
