import { type Named, StatusError } from '../kubeapi/status.ts';
import { UnavailableError, withinDeadline } from '../../lib/deadline.ts';
import type { ValidatedKind } from './validator.ts';
import type { ReviewResult } from './metrics.ts';
import { respond, undecided, type AdmissionReviewResponse } from './response.ts';
import type { AdmissionRequest } from './review.ts';

/** What is sent, and what became of the review. */
export interface Decision {
  readonly answer: AdmissionReviewResponse;
  readonly result: Exclude<ReviewResult, 'unreadable'>;
  /** How many things are wrong with the object. */
  readonly problems: number;
  /** Why it could not be found out. */
  readonly error?: unknown;
}

/**
 * Decides a review; never rejects. What cannot be found out is refused, in words that do not blame the object: an error
 * status of HTTP would leave it to the failure policy, and where that is `Ignore`, whoever finds a defect of ours could
 * use it to get an object past us.
 */
export async function decide(kind: ValidatedKind, request: AdmissionRequest, signal: AbortSignal): Promise<Decision> {
  try {
    const result = await withinDeadline(kind.validate(request, signal), signal, 'judging the object');
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

/** The API server has made up a name from `generateName` by now, but does not say it in the request. */
function nameOf(object: unknown): string {
  const { name } = (object as { metadata?: { name?: unknown } | null } | null | undefined)?.metadata ?? {};
  return typeof name === 'string' ? name.slice(0, 253) : '';
}

function statusErrorOf(error: unknown, signal: AbortSignal): StatusError {
  if (signal.aborted || error instanceof UnavailableError) {
    return new StatusError(
      504,
      'Timeout',
      'Aegis could not validate the object in time; nothing is known to be wrong with it',
    );
  }
  if (error instanceof StatusError) {
    const message = `Aegis could not find out what you may do; nothing is known to be wrong with the object: ${error.message}`;
    return new StatusError(503, 'ServiceUnavailable', message);
  }
  const message = 'Aegis could not validate the object because of an error of its own, which is in its log';
  return new StatusError(500, 'InternalError', message);
}
