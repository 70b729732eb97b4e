import type { IncomingHttpHeaders } from 'node:http';

/** Whether the same request can succeed later. */
export type Retry =
  /** It may; `afterMs` if the API server sent a Retry-After. */
  | { readonly kind: 'retryable'; readonly afterMs?: number }
  /** It cannot, independent of the state of the cluster. */
  | { readonly kind: 'terminal' }
  /** Another client changed the object first: read again, decide again. */
  | { readonly kind: 'conflict' };

/** `details` of a Status. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly retryAfterSeconds?: number;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
}

interface Status {
  readonly kind: 'Status';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: StatusDetails;
}

/** The fields of an {@link ApiError}. */
export interface ApiErrorOptions {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly retry: Retry;
  /** Default false. */
  readonly ambiguous?: boolean;
  readonly details?: StatusDetails | undefined;
  readonly cause?: unknown;
}

/** A request to the API server that failed; never holds credentials. The message is the API server's own. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /**
   * `reason` of the Status, such as `AlreadyExists`; ours are `NoAnswer`, `Idle`, `DeadlineExceeded`, `InvalidAnswer`,
   * `InvalidHeader`.
   */
  readonly reason: string;
  readonly retry: Retry;
  /** The write may have succeeded nevertheless. */
  readonly ambiguous: boolean;
  readonly details: StatusDetails | undefined;

  constructor({ status, reason, message, retry, ambiguous = false, details, cause }: ApiErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.reason = reason;
    this.retry = retry;
    this.ambiguous = ambiguous;
    this.details = details;
  }
}

/** Returns true for a missing object, false for a missing resource (a missing CRD, an unavailable API). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && error.retry.kind === 'terminal';
}

/** Returns true if an object of that name exists already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

/** Returns true for a resourceVersion or a continue token that has expired. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/** Statuses that mean that the object itself is invalid. */
const wrong = new Set([400, 413, 422]);

/**
 * Returns whether the API server rejects the object itself, and so will always reject it. A webhook with side effects makes
 * every dry run fail with a 400, which says nothing about the object.
 */
export function isObjectRefused(error: ApiError): boolean {
  return wrong.has(error.status) && !isDryRunUnsupported(error);
}

/** Returns true if a webhook that does not support dry runs prevented one. */
export function isDryRunUnsupported({ status, message }: ApiError): boolean {
  return status === 400 && message.includes(noDryRun);
}

const noDryRun = 'does not support dry run';

/** Returns the error for a response that is not 2xx. */
export function errorOfAnswer(
  answer: { status: number; headers: IncomingHttpHeaders; text: string },
  write: boolean,
): ApiError {
  const status = parseStatus(answer.text);
  const afterMs = retryAfterMs(answer.headers['retry-after'], status?.details);
  return new ApiError({
    status: answer.status,
    reason: status?.reason ?? '',
    message: status?.message ?? `HTTP ${answer.status}: ${answer.text.slice(0, 200).trim()}`,
    details: status?.details,
    retry: decideRetry(answer.status, afterMs, status !== undefined),
    ambiguous: write && answer.status >= 500,
  });
}

/** Returns the error for an ERROR event of a watch. */
export function errorOfStatus(status: object): ApiError {
  const { code = 500, reason = '', message = 'watch failed', details } = status as Partial<Status>;
  return new ApiError({ status: code, reason, message, details, retry: decideRetry(code, undefined, true) });
}

/** Codes of failures before the request was sent. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Returns the error for a request without a response. */
export function errorOfFailure(cause: unknown, write: boolean): ApiError {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const why = typeof code === 'string' ? code : String(message);
  return new ApiError({
    status: 0,
    reason: code === 'UND_ERR_BODY_TIMEOUT' ? 'Idle' : 'NoAnswer',
    message: `no answer from the API server: ${why}`,
    retry: { kind: 'retryable' },
    ambiguous: write && !(typeof code === 'string' && notSent.has(code)),
    cause,
  });
}

const terminal = new Set([400, 402, 404, 405, 406, 411, 413, 414, 415, 422, 501]);

/**
 * Missing permissions (401, 403) may be granted, a terminating namespace (403) or a quota may change: retryable. A 404
 * without a Status means that the resource is not served, which changes when its CRD is installed.
 */
function decideRetry(status: number, afterMs: number | undefined, hasStatus: boolean): Retry {
  if (status === 409) return { kind: 'conflict' };
  if (terminal.has(status) && (status !== 404 || hasStatus)) return { kind: 'terminal' };
  return { kind: 'retryable', ...(afterMs === undefined ? {} : { afterMs }) };
}

function retryAfterMs(header: string | undefined, details: StatusDetails | undefined): number | undefined {
  const seconds = header !== undefined && /^\d+$/.test(header) ? Number(header) : details?.retryAfterSeconds;
  return seconds === undefined ? undefined : seconds * 1_000;
}

function parseStatus(text: string): Status | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Status> | null;
    return parsed?.kind === 'Status' ? (parsed as Status) : undefined;
  } catch {
    return undefined;
  }
}
