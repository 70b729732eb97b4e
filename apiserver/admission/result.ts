import type { StatusCause } from '../kubeapi/status.ts';

/** What a validate has to say about an object. */
export interface ValidationResult {
  /** Everything that is wrong; empty = admitted. */
  readonly causes: readonly StatusCause[];
  /** What is unwise or could not be tried, in words for the user. */
  readonly warnings: readonly string[];
}

/** Nothing to say. */
export const admitted: ValidationResult = { causes: [], warnings: [] };

/** One thing that is wrong with a field. */
export function wrong(field: string, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message };
}

/** One thing that the user may not do. */
export function forbidden(field: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', field, message };
}
