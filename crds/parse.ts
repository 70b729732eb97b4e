import type { KubeObject, ResourceType } from './object.ts';
import { kinds } from './kinds.ts';

/** An error in a field of an object. */
export interface FieldError {
  /** Such as `spec.alertConditions[0].type`; empty for the object as a whole. */
  path: string;
  message: string;
}

export type ParseResult<T> = { ok: true; object: T } | { ok: false; errors: FieldError[] };

/**
 * Validates a value as the API server validates a new object of this kind, except for checks that need a cluster. The
 * returned object has its defaults filled in and unknown fields removed.
 *
 * @throws Error when Aegis has no such kind
 */
export function parseObject<T extends KubeObject>(type: ResourceType<T>, value: unknown): ParseResult<T> {
  const kind = kinds.find(({ resource }) => resource.kind === type.kind && resource.group === type.group);
  if (kind === undefined) throw new Error(`no schema for the kind ${type.kind} of the group ${type.group}`);
  const result = kind.schema.safeParse(value);
  if (result.success) return { ok: true, object: result.data as T };
  return { ok: false, errors: result.error.issues.map(({ path, message }) => ({ path: fieldPath(path), message })) };
}

/** `['spec', 'items', 0]` as `spec.items[0]`. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
