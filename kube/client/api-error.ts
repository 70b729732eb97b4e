import type { IncomingHttpHeaders } from 'node:http';

/** Whether the same request can succeed later. */
export type Retry =
  /** It may; `afterMs` when the API server said how long to wait. */
  | { readonly kind: 'retryable'; readonly afterMs?: number }
  /** It cannot, whatever happens to the cluster. */
  | { readonly kind: 'terminal' }
  /** Somebody else was faster: read again, decide again. */
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

/** What an {@link ApiError} consists of. */
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
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /**
   * `reason` of the Status, such as `AlreadyExists`; ours are `NoAnswer`, `Idle`, `DeadlineExceeded`, `InvalidAnswer`,
   * `InvalidHeader`.
   */
  readonly reason: string;
  readonly retry: Retry;
  /** The write may have happened all the same. */
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

/** True for "there is no such object", false for "there is no such resource" (a missing CRD, an API that is down). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && error.retry.kind === 'terminal';
}

/** An object of that name exists already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

/** True for a resourceVersion or a continue token that the API server has forgotten. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/** Answers that say that the object itself is wrong. */
const wrong = new Set([400, 413, 422]);

/**
 * Whether the API server refuses the object itself, so that it will never take it. Somebody's webhook that has side
 * effects keeps it from trying any object in a dry run, with a 400: that says nothing about this one.
 */
export function isObjectRefused(error: ApiError): boolean {
  return wrong.has(error.status) && !isDryRunUnsupported(error);
}

/** Nothing was tried, because somebody's webhook does not support dry runs. */
export function isDryRunUnsupported({ status, message }: ApiError): boolean {
  return status === 400 && message.includes(noDryRun);
}

const noDryRun = 'does not support dry run';

/** The error for an answer that is not 2xx. */
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

/** The error for an ERROR event of a watch. */
export function errorOfStatus(status: object): ApiError {
  const { code = 500, reason = '', message = 'watch failed', details } = status as Partial<Status>;
  return new ApiError({ status: code, reason, message, details, retry: decideRetry(code, undefined, true) });
}

/** Codes of failures before anything was sent. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The error for a request without an answer. */
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
 * Missing rights (401, 403) may be given, a namespace that is terminating (403) or a quota may change: retryable. A 404
 * without a Status means that the resource is not served, which passes when its CRD is installed.
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
