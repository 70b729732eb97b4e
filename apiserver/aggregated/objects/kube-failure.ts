import { ApiError } from '../../../kube/client/api-error.ts';
import { StatusError, type StatusDetails } from '../../kubeapi/status.ts';

/** A cause by which the API server says that a namespace is about to go. */
const namespaceTerminating = 'NamespaceTerminating';

/** How soon a caller may ask again; seconds. */
const retryAfterSeconds = 1;

/**
 * What a failure of the API server means for our caller. Its word about the request (4xx) is passed on; that it cannot be
 * reached, or fails, is a 503.
 *
 * @param repeatable whether the same request may be sent again without harm: only then clients are told to do so by
 *   themselves. Default true.
 * @returns anything that is no ApiError as it is
 */
export function kubeFailure(error: unknown, { repeatable = true }: { repeatable?: boolean } = {}): unknown {
  if (!(error instanceof ApiError)) return error;
  const { status, reason, message } = error;
  const safe = repeatable || !error.ambiguous;
  if (status === 429) return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds: waitOf(error) });
  if (status === 401 || status === 0 || status >= 500 || reason === '') return unavailable(error, safe);
  const own = status === 403 && !causesOf(error).some((cause) => cause.reason === namespaceTerminating);
  const words = own ? `the API server refused Aegis itself: ${message}` : message;
  return new StatusError(status, reason, words, detailsOf(error));
}

function unavailable(error: ApiError, safe: boolean): StatusError {
  const what = error.ambiguous
    ? `it is not known whether this was done: ${safe ? 'send the same request again' : 'look before you send it again'}`
    : 'nothing was done; try again';
  const message = `the API server does not answer Aegis (${error.message}); ${what}`;
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
