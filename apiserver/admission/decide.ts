import { type Named, StatusError } from '../kubeapi/status.ts';
import { UnavailableError, withinDeadline } from '../../lib/deadline.ts';
import type { ValidatedKind } from './validator.ts';
import type { ReviewResult } from './metrics.ts';
import { respond, undecided, type AdmissionReviewResponse } from './response.ts';
import type { AdmissionRequest } from './review.ts';

/** The answer to a review, and its result. */
export interface Decision {
  readonly answer: AdmissionReviewResponse;
  readonly result: Exclude<ReviewResult, 'unreadable'>;
  /** Number of problems of the object. */
  readonly problems: number;
  /** Why the object could not be validated. */
  readonly error?: unknown;
}

/**
 * Decides a review; never rejects. An object that cannot be validated is refused, with a message that does not blame the
 * object. An HTTP error would invoke the failure policy instead: where that is `Ignore`, an error of Aegis could be used
 * to bypass validation.
 */
export async function decide(kind: ValidatedKind, request: AdmissionRequest, signal: AbortSignal): Promise<Decision> {
  try {
    const result = await withinDeadline(kind.validate(request, signal), signal, 'validating the object');
    const problems = result.causes.length;
    return {
      answer: respond(request.uid, named(kind, request), result),
      result: problems === 0 ? 'allowed' : 'refused',
      problems,
    };
  } catch (error) {
    return { answer: undecided(request.uid, statusErrorOf(error, signal)), result: 'failed', problems: 0, error };
  }
}

function named({ type }: ValidatedKind, { name, object }: AdmissionRequest): Named & { kind: string } {
  return { group: type.group, resource: type.plural, kind: type.kind, name: name === '' ? nameOf(object) : name };
}

/** A name that the API server generated from `generateName` is in the object, but not in the request. */
function nameOf(object: unknown): string {
  const { name } = (object as { metadata?: { name?: unknown } | null } | null | undefined)?.metadata ?? {};
  return typeof name === 'string' ? name.slice(0, 253) : '';
}

function statusErrorOf(error: unknown, signal: AbortSignal): StatusError {
  if (signal.aborted || error instanceof UnavailableError) {
    return new StatusError(
      504,
      'Timeout',
      'Aegis could not validate the object in time; the object itself may be valid',
    );
  }
  if (error instanceof StatusError) {
    const message = `Aegis could not review your rights; the object itself may be valid: ${error.message}`;
    return new StatusError(503, 'ServiceUnavailable', message);
  }
  const message = 'Aegis could not validate the object because of an internal error; see its log';
  return new StatusError(500, 'InternalError', message);
}
