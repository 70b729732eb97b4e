import type { StatusCause } from '../kubeapi/status.ts';

/** What a judge has to say about an object. */
export interface Verdict {
  /** Everything that is wrong; empty = admitted. */
  readonly causes: readonly StatusCause[];
  /** What is unwise or could not be tried, in words for the author. */
  readonly warnings: readonly string[];
}

/** Nothing to say. */
export const admitted: Verdict = { causes: [], warnings: [] };

/** One thing that is wrong with a field. */
export function wrong(field: string, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message };
}

/** One thing that the author may not do. */
export function forbidden(field: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', field, message };
}
