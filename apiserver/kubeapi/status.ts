/** `details` of a Status, as Kubernetes clients read it. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural, as Kubernetes fills it. */
  readonly kind?: string;
  readonly uid?: string;
  readonly retryAfterSeconds?: number;
  readonly causes?: readonly StatusCause[];
}

/** One problem of a request. */
export interface StatusCause {
  /** `FieldValueInvalid`, `FieldValueRequired`, ... */
  readonly reason: string;
  readonly message: string;
  /** JSON path, such as `spec.parameters[0].pattern`. */
  readonly field?: string;
}

/** A failure, as Kubernetes clients expect it. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, never>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** Ends a request with a Status. The message is shown to the caller and must reveal nothing that the caller may not see. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** The object or resource of a Status. */
export interface Named {
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

function details({ group, resource, name }: Named): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource };
}

/** Returns the name of a resource in messages of Kubernetes: `aegisalerts.aegis.io`. */
function qualified({ group, resource }: Named): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** 404: the object does not exist. */
export function objectNotFound(named: Named): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(named)} "${named.name}" not found`, details(named));
}

/** 404: the path does not exist. */
export function pathNotFound(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 409: the request conflicts with the state of the object. */
export function conflict(named: Named, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(named)} "${named.name}": ${why}`;
  return new StatusError(409, 'Conflict', message, details(named));
}

/** 422: the request is invalid; lists all problems. */
export function invalid(named: Named & { readonly kind: string }, causes: readonly StatusCause[]): StatusError {
  const list = causes.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  const text = list.length === 1 ? list.join('') : `[${list.join(', ')}]`;
  const kind = named.group === '' ? named.kind : `${named.kind}.${named.group}`;
  const about = named.name === '' ? kind : `${kind} "${named.name}"`;
  return new StatusError(422, 'Invalid', `${about} is invalid: ${text}`, {
    ...details({ ...named, resource: named.kind }),
    causes,
  });
}

/** 400: the request cannot be parsed. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}
