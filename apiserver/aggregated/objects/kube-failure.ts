import { ApiError } from '../../../kube/client/api-error.ts';
import { StatusError, type StatusDetails } from '../../kubeapi/status.ts';

/** Cause of a failure in a terminating namespace. */
const namespaceTerminating = 'NamespaceTerminating';

/** Seconds after which a caller may retry. */
const retryAfterSeconds = 1;

/**
 * Translates a failure of the API server for the caller. An error of the request (4xx) is passed on; an API server that
 * fails or is unreachable becomes a 503.
 *
 * @param repeatable whether the same request may be sent again without harm: only then `retryAfterSeconds` is set.
 *   Default true.
 * @returns the error itself unless it is an ApiError
 */
export function kubeFailure(error: unknown, { repeatable = true }: { repeatable?: boolean } = {}): unknown {
  if (!(error instanceof ApiError)) return error;
  const { status, reason, message } = error;
  const safe = repeatable || !error.ambiguous;
  if (status === 429) return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds: waitOf(error) });
  if (status === 401 || status === 0 || status >= 500 || reason === '') return unavailable(error, safe);
  const own = status === 403 && !causesOf(error).some((cause) => cause.reason === namespaceTerminating);
  const words = own ? `the API server denied Aegis itself: ${message}` : message;
  return new StatusError(status, reason, words, detailsOf(error));
}

function unavailable(error: ApiError, safe: boolean): StatusError {
  const what = error.ambiguous
    ? `the request may have taken effect: ${safe ? 'send it again' : 'check before you send it again'}`
    : 'nothing was done; try again';
  const message = `the API server does not respond to Aegis (${error.message}); ${what}`;
  return new StatusError(503, 'ServiceUnavailable', message, safe ? { retryAfterSeconds: waitOf(error) } : {});
}

function waitOf({ retry }: ApiError): number {
  const afterMs = retry.kind === 'retryable' ? retry.afterMs : undefined;
  return Math.max(retryAfterSeconds, Math.ceil((afterMs ?? 0) / 1_000));
}

function causesOf({ details }: ApiError): { reason: string; message: string; field?: string }[] {
  return (details?.causes ?? []).map(({ reason = '', message = '', field }) => ({
    reason,
    message,
    ...(field !== undefined && { field }),
  }));
}

function detailsOf(error: ApiError): StatusDetails | undefined {
  if (error.details === undefined) return undefined;
  const { causes, ...rest } = error.details;
  return causes === undefined ? rest : { ...rest, causes: causesOf(error) };
}
