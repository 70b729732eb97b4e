import type { BrokenRequest } from '../http/server.ts';
import type { ResourceAttributes } from '../../kube/authorizer.ts';
import { StatusError, type Status } from './status.ts';
import type { User } from '../../kube/user.ts';

/** 401: the caller is not authenticated. The message is that of Kubernetes. */
export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

/**
 * 403 with the message of Kubernetes.
 *
 * @param reason from the authorizer; may be empty
 */
export function forbidden(user: User, attributes: ResourceAttributes, reason: string): StatusError {
  const { group, resource, name } = attributes;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const about = name === '' ? qualified : `${qualified} ${JSON.stringify(name)}`;
  const why = reason === '' ? '' : `: ${reason}`;
  return new StatusError(403, 'Forbidden', `${about} is forbidden: ${denial(user, attributes)}${why}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}

function denial({ name: user }: User, attributes: ResourceAttributes): string {
  const { verb, group, resource, subresource, namespace } = attributes;
  const what = subresource === undefined || subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const sentence =
    `User ${JSON.stringify(user)} cannot ${verb} resource ${JSON.stringify(what)} ` +
    `in API group ${JSON.stringify(group)} ${where}`;
  return sentence.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** 405: the path exists, but not with this method. */
export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** 406: the client accepts no media type that is served. */
export function notAcceptable(): StatusError {
  return new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json', {});
}

/** 413 @param limit bytes */
export function tooLarge(limit: number): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `the request body is larger than ${limit} bytes`);
}

/** 415 @param why names the types that are accepted */
export function unsupportedMediaType(why: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', why);
}

/** 429: nothing was done; the caller may retry. */
export function tooManyRequests(message: string): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds: 1 });
}

/** 503: nothing was done; the caller may retry. */
export function unavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message, { retryAfterSeconds: 1 });
}

/** 503: kube-apiserver did not answer an access review. */
export function accessUnknown(): StatusError {
  return unavailable('cannot determine at the moment whether this is allowed');
}

/** 504: the request may have taken effect. */
export function timedOut(): StatusError {
  return new StatusError(504, 'Timeout', 'the request did not complete in time; it may still take effect');
}

/** 500: an error of Aegis. The message only says where to find the details. */
export function internalError(auditId: string): StatusError {
  return new StatusError(
    500,
    'InternalError',
    `internal error; see the log of the Aegis apiserver for audit ID ${auditId}`,
  );
}

/** 417: only `Expect: 100-continue` is supported. */
export function expectationFailed(): StatusError {
  return new StatusError(417, 'ExpectationFailed', 'the server cannot meet the expectation of the request');
}

const brokenReasons = {
  400: 'BadRequest',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  431: 'RequestHeaderFieldsTooLarge',
} as const;

/** Returns the Status for a connection that sent no readable request. */
export function brokenStatus({ code, message }: BrokenRequest): Status {
  return new StatusError(code, brokenReasons[code], message).status;
}
