import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { parseObject } from '../../crds/parse.ts';
import type { Context } from './can-i.ts';
import type { AdmissionRequest } from './review.ts';
import { admitted, wrong, type Verdict } from './result.ts';

/** Judges objects of one kind; changes nothing anywhere. */
export type Judge<T extends KubeObject> = (object: T, context: Context) => Promise<Verdict>;

/** A kind and who judges it. */
export interface JudgedKind {
  readonly type: ResourceType;
  judge(request: AdmissionRequest, signal: AbortSignal): Promise<Verdict>;
}

/** Puts before a judge what every kind needs: only what is new is judged, and only what can be read. */
export function judged<T extends KubeObject>(type: ResourceType<T>, judge: Judge<T>): JudgedKind {
  return {
    type,
    judge: async (request, signal) => {
      if (!isNew(request)) return admitted;
      const parsed = parseObject(type, request.object);
      if (!parsed.ok) {
        return { causes: parsed.errors.map(({ path, message }) => wrong(path, message)), warnings: [] };
      }
      // The API server has made sure that the object has this one.
      const metadata = { ...parsed.object.metadata, ...(type.namespaced ? { namespace: request.namespace } : {}) };
      return judge({ ...parsed.object, metadata }, { author: request.author, signal });
    },
  };
}

/**
 * Whether the request brings a spec that nobody has judged yet. An object that became invalid must still take labels,
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
