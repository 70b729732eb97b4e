import type { StatusCause } from '../kubeapi/status.ts';

/** Result of a validator. */
export interface ValidationResult {
  /** All problems; empty = admitted. */
  readonly causes: readonly StatusCause[];
  /** Shown to the user: questionable settings, and checks that could not be done. */
  readonly warnings: readonly string[];
}

/** Admitted without warnings. */
export const admitted: ValidationResult = { causes: [], warnings: [] };

/** Returns the problem of a field. */
export function wrong(field: string, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message };
}

/** Returns a missing right of the user. */
export function forbidden(field: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', field, message };
}
